import { cardOf } from '../../src/flow/card.ts';
import { stateOf, stateWords } from '../../src/flow/state-words.ts';
import type { Surroundings } from '../../src/flow/surroundings.ts';
import { plain } from '../../src/model/notice.ts';
import type { BoundFile, Decision, Request, Run } from '../../src/model/request.ts';
import { aRequest, aRun, around } from './records.ts';

export const MINUTE = 60_000;
export const FILE: BoundFile = {
  command: 0,
  fileName: 'minidump.ps1',
  sha256: 'a'.repeat(64),
  description: 'Dumps a process',
  addedBy: 'Dan',
  updatedAt: '2026-11-03T09:00:00Z',
};

export interface Scene {
  request?: Partial<Request>;
  run?: Partial<Run>;
  decisions?: Decision[];
  around?: Partial<Surroundings>;
}
export const card = (scene: Scene) =>
  cardOf(aRequest(scene.request), aRun(scene.run), scene.decisions ?? [], around(scene.around));
export const state = (scene: Scene): string =>
  stateWords(stateOf(aRequest(scene.request), aRun(scene.run), scene.decisions ?? [], around(scene.around)));
export const facts = (scene: Scene): string[] => card(scene).facts.map(plain);
export const buttons = (scene: Scene): string[] => card(scene).buttons.map((button) => button.action);
export const note = (scene: Scene): string => plain(card(scene).commands[0]?.note ?? []);

export const WAITING: Scene = {
  request: { status: 'waiting', files: [FILE], reason: 'INC-1234' },
  run: { status: 'held' },
};
export const scene = (base: Scene, more: Scene): Scene => ({
  request: { ...base.request, ...more.request },
  run: { ...base.run, ...more.run },
  decisions: more.decisions ?? base.decisions ?? [],
  around: { ...base.around, ...more.around },
});
