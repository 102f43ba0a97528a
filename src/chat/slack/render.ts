export { renderAnswer } from './answer.ts';
export { type Rendered, renderCard } from './card.ts';
export { renderReply } from './reply.ts';
