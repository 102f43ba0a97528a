/** What the spine needs of the world around it, each port in a file of its own. */
export type * from './ports/around.ts';
export type * from './ports/chat.ts';
export type * from './ports/defender.ts';
export type * from './ports/records.ts';
export type * from './ports/store.ts';
