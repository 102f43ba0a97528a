export { renderAnswer, spokenAnswer } from './answer.ts';
export { type CardOptions, renderCard, renderPersonal } from './card.ts';
export { renderFormButton } from './form-card.ts';
export { renderReply } from './reply.ts';
export type { AdaptiveCard, Outgoing } from './wire-card.ts';
