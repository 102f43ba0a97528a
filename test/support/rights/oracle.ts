import type { Platform } from '../../../src/model/person.ts';
import type { Kind } from './people.ts';
import { STATES, type State } from './states.ts';

/** What somebody tries: a button, or typed words. Buttons pressed elsewhere or from an older round are tries of their own. */
export const BUTTONS = [
  ...[
    'approve',
    'deny',
    'withdraw',
    'cancel',
    'it_ran',
    'it_did_not_run',
    'results',
    'reviewed',
    'confirm',
    'ask_again',
    'add_reason',
  ],
] as const;
export const ELSEWHERE = ['approve', 'deny', 'it_ran', 'it_did_not_run', 'reviewed'] as const;
export const WORDS = [
  ...['run', 'status', 'show', 'results', 'cancel', 'withdraw', 'again', 'pending', 'history', 'explain', 'whoami'],
  ...['machines', 'library', 'library delete', 'pause', 'resume'],
] as const;

export type Try =
  | `press ${(typeof BUTTONS)[number]}`
  | `press ${(typeof ELSEWHERE)[number]} in another channel`
  | `press ${'approve' | 'deny'} of an older round`
  | `type ${(typeof WORDS)[number]}`;

export const TRIES: readonly Try[] = [
  ...BUTTONS.map((one): Try => `press ${one}`),
  ...ELSEWHERE.map((one): Try => `press ${one} in another channel`),
  'press approve of an older round',
  'press deny of an older round',
  ...WORDS.map((one): Try => `type ${one}`),
];

/** One cell: who tries what on a request that is how far, and where it lives. */
export interface Cell {
  kind: Kind;
  home: Platform;
  state: State;
  attempt: Try;
}

/** Who may, in the words of contract and policy. Nobody but a full member whom the platform names may do anything. */
const WHO = {
  'a reader': ({ kind }: Cell) => isMember(kind) && kind.role !== 'in no group',
  'a reader of its platform': (cell: Cell) => WHO['a reader'](cell) && isAtHome(cell),
  'a requester': (cell: Cell) => WHO['a reader'](cell),
  'an approver': ({ kind }: Cell) => isMember(kind) && isLead(kind),
  'an approver who didn’t ask': (cell: Cell) => WHO['an approver'](cell) && isAtHome(cell) && !asked(cell.kind),
  'an approver who neither asked nor approved': (cell: Cell) =>
    WHO['an approver who didn’t ask'](cell) && cell.kind.byGroup,
  'who asked': (cell: Cell) => isMember(cell.kind) && isAtHome(cell) && asked(cell.kind),
  'who asked, or an approver': (cell: Cell) => isAtHome(cell) && (WHO['who asked'](cell) || WHO['an approver'](cell)),
  'who asked, and is no full member now': ({ kind, ...cell }: Cell) =>
    isAtHome({ kind, ...cell }) && asked(kind) && kind.standing !== 'member',
} as const;

const isMember = (kind: Kind) => kind.standing === 'member' && !kind.lookUpFails;
const isLead = ({ role }: Kind) => role === 'lead' || role === 'lead who asked';
const asked = ({ role }: Kind) => role === 'requester' || role === 'lead who asked';
const isAtHome = ({ kind, home }: Pick<Cell, 'kind' | 'home'>) => kind.platform === home;

const DELETIONS: readonly State[] = ['unconfirmed deletion', 'waiting deletion', 'approved deletion', 'deleted'];
const except = (...left: readonly State[]) => STATES.filter((one) => !left.includes(one));
const RUNS = except(...DELETIONS);
const WITH_CARD = except('received', 'unconfirmed deletion', 'refused');
const UNREVIEWED = ['running, glass broken', 'finished, glass broken'] as const;

type Row = [who: keyof typeof WHO, tries: readonly Try[], states: readonly State[], effects: readonly string[]];

/** What comes of it. Where no row fits, nothing does: no record changes, Defender hears nothing, nobody is told anything. */
const TABLE: readonly Row[] = [
  [
    'an approver who didn’t ask',
    ['press approve'],
    ['waiting'],
    ['decision: approve', 'request approved', 'run running', 'sent'],
  ],
  [
    'an approver who didn’t ask',
    ['press approve'],
    ['waiting deletion'],
    ['decision: approve', 'deleted', 'request done'],
  ],
  // One's own approval counts once …
  [
    'an approver who neither asked nor approved',
    ['press approve'],
    ['waiting for another'],
    ['decision: approve', 'request approved', 'run running', 'sent'],
  ],
  // … but while others are still missing it may be taken back by denying: a mistake must be stoppable, and any approver may stop it.
  [
    'an approver who didn’t ask',
    ['press deny'],
    ['waiting', 'waiting for another'],
    ['decision: deny', 'request denied', 'run cancelled'],
  ],
  ['an approver who didn’t ask', ['press deny'], ['waiting deletion'], ['decision: deny', 'request denied']],
  ['an approver who didn’t ask', ['press it_ran'], ['unclear'], ['request done', 'run succeeded']],
  ['an approver who didn’t ask', ['press it_did_not_run'], ['unclear'], ['run running', 'sent']],
  ['an approver who didn’t ask', ['press reviewed'], UNREVIEWED, ['reviewed']],

  // Cancel while it waits withdraws, and withdrawing is for who asked. Approvers deny.
  [
    'who asked',
    ['press withdraw', 'press cancel', 'type withdraw', 'type cancel'],
    ['waiting', 'waiting for another'],
    ['request withdrawn', 'run cancelled'],
  ],
  [
    'who asked',
    ['press withdraw', 'press cancel', 'type withdraw', 'type cancel'],
    ['received', 'unconfirmed deletion', 'waiting deletion'],
    ['request withdrawn'],
  ],
  ['who asked, or an approver', ['press cancel', 'type cancel'], ['in line'], ['request done', 'run cancelled']],
  ['who asked, or an approver', ['press cancel', 'type cancel'], ['approved deletion'], ['request done']],
  ['who asked, or an approver', ['press cancel', 'type cancel'], ['submitting', 'reconciling'], ['cancel wished']],
  [
    'who asked, or an approver',
    ['press cancel', 'type cancel'],
    ['running', 'running, glass broken'],
    ['cancel sent', 'cancel wished'],
  ],

  ['who asked', ['press confirm'], ['unconfirmed deletion'], ['card', 'request waiting']],
  ['who asked, and is no full member now', ['press confirm'], ['unconfirmed deletion'], ['request refused']],
  ['who asked', ['press ask_again'], RUNS, ['another waiting']],
  ['who asked', ['press ask_again'], DELETIONS, ['another unconfirmed']],
  // Pressed without words: how else a reason can be given.
  ['who asked', ['press add_reason'], ['refused'], ['told']],
  ['a reader of its platform', ['type again'], RUNS, ['another waiting']],
  ['a reader of its platform', ['type again'], DELETIONS, ['another unconfirmed']],
  ['a reader of its platform', ['press results', 'type results'], RUNS, ['link']],

  ['a requester', ['type run'], STATES, ['another waiting']],
  ['a requester', ['type library delete'], STATES, ['another unconfirmed']],
  [
    'a reader',
    ['type status', 'type history', 'type explain', 'type whoami', 'type machines', 'type library'],
    STATES,
    ['told'],
  ],
  ['a reader', ['type pending'], ['waiting', 'waiting for another', 'waiting deletion', ...UNREVIEWED], ['told']],
  ['a reader', ['type show'], WITH_CARD, ['card']],
  ['an approver', ['type pause'], STATES, ['paused']],
  ['an approver', ['type resume'], except('in line'), ['resumed']],
  ['an approver', ['type resume'], ['in line'], ['resumed', 'run running', 'sent']],
];

const BY_TRY = new Map(
  TRIES.map((attempt) => [attempt, TABLE.filter(([, tries]) => tries.includes(attempt))] as const),
);

/** What may come of it and nothing else, sorted. */
export function rightly(cell: Cell): readonly string[] {
  const row = BY_TRY.get(cell.attempt)?.find(([who, , states]) => states.includes(cell.state) && WHO[who](cell));
  return row?.[3] ?? [];
}

/** Words that aren't about the request: how far it is makes no difference to them. */
export const APART: ReadonlySet<Try> = new Set(
  ['run', 'explain', 'whoami', 'machines', 'library', 'library delete', 'pause', 'resume'].map(
    (one) => `type ${one}` as Try,
  ),
);

/** Whether they may learn anything here, so that Defender may be asked something for them. */
export const mayRead = (cell: Cell): boolean => WHO['a reader'](cell);
