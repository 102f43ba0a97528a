// Every state of a card, in one place: the pictures in docs/images are taken of these, and a test holds them to the code.

/**
 * How a state is worded: `[…]` may be missing, `{…|…}` is one of these, `‹…›` is what the records say. `‹time›`, `‹span›` (how long),
 * `‹n›` and `‹bar›` have a form of their own; anything else is any words.
 */
type Wording = string;

const NOTHING = 'Nothing[ more] was sent to the machine[s].';
const GO = '✔ {Approved|No approval needed|Break-glass, without approval} ·';
const SOON = 'Defender usually needs 2 to 4 min';
const UNTIL = '{Defender gives up at about|we cancel at} ‹time›';
const ENDS = `[ · ${UNTIL}[, ${UNTIL}]]`;
const REST = '[ The commands after it did not run.][ ‹note›]';
const FAILED = `✘ Failed: ‹file› {failed|ended with exit ‹n›}[ after ‹span›].${REST}`;
const TIMED_OUT = `✘ Timed out: Defender gave up[ on ‹file›].${REST}`;
const UNSEEN_BY = 'Nothing shows that ‹machine› picked it up.';
const UNREAD = '? Finished[ in ‹span›], but I couldn’t read whether ‹file› succeeded[. ‹note›]';
const PAUSED = 'paused by ‹who›[: ‹why›]';
const AGAIN = '↺ Waiting for approval[ again]:';
const COUNTS = [
  ...['✔ ‹n› finished', '– ‹n› cancelled', '◌ ‹n› finished, reading the output', '◌ ‹n› waiting', '▶ ‹n› running'],
  ...['? ‹n› finished, exit unknown', '⚠ ‹n› finished with errors', '✘ ‹n› failed', '? ‹n› unclear'],
];
const MANY = `‹n› of ‹n› done · ${COUNTS.map((count) => `[${count} · ]`).join('')}‹bar›[ · ${PAUSED}][ · about ‹span› left]`;
const DELETION = '{Nothing was deleted.|An attempt before may have deleted it: “library show ‹file›” tells.}';

/** The states of a sheet of pictures: what stands above the picture, and the words of the state. */
export const CARD_STATES = {
  deciding: [
    ['Waiting for approval, as an approver sees it', '⏳ Waiting for approval'],
    ['Waiting, with warnings', '⏳ Waiting for approval'],
    ['Five commands, with less about their files, so that all fits one screen', '⏳ Waiting for approval'],
    ['One of two approvals is there', '⏳ Waiting for approval'],
    ['Others may approve whom nobody can list', '⏳ Waiting for approval'],
    ['What was approved has changed, so it waits again', `${AGAIN} ‹note›[ ‹since›]`],
    ['Another policy asks for more, while it waits', `${AGAIN} ‹since›`],
  ],
  undone: [
    ['Denied, with the reason', `✘ Denied by ‹who› ‹time›: “‹note›”. ${NOTHING}`],
    ['Denied, without a reason', `✘ Denied by ‹who› ‹time›, no reason given. ${NOTHING}`],
    ['Withdrawn', `– Withdrawn by ‹who› ‹time›. ${NOTHING}`],
    ['Withdrawn, after somebody had to say whether it ran', `– Withdrawn by ‹who› ‹time›: “‹note›”. ${NOTHING}`],
    ['Expired', `– Expired ‹time›: not enough approvals in time. ${NOTHING}`],
  ],
  line: [
    ['Approved, and all submissions are paused', `${GO} ${PAUSED}`],
    ['Approved and in line', `${GO} ‹n›{st|nd|rd|th} in line, sent in about ‹span›; ${SOON}`],
    ['Approved and next in line', `✔ Approved · next in line; ${SOON}`],
    ['Next in line, since a rule asks for nobody', `✔ No approval needed · next in line; ${SOON}`],
    ['Break-glass, and in line', `✔ Break-glass, without approval · next in line; ${SOON}`],
    ['Its machine has something of the bot’s to do', `${GO} waits: ‹id› runs on this machine`],
    ['Its machine has somebody else’s session', `${GO} waits: the machine is busy with a session that is not mine`],
    ['Defender wants a pause', `${GO} waits: Defender asked us to slow down until ‹time›`],
    ['All sessions are taken', `${GO} {next|‹n›{st|nd|rd|th}} in line, waits for a free session; ${SOON}`],
    ['Something else is in its way', `${GO} waits: ‹why›[. It is tried again by itself.]`],
    ['On its way to Defender', '▶ Sending it to Defender'],
  ],
  running: [
    ['Running: the first of two commands', '▶ Running since ‹time› · command ‹n› of ‹n›[ · a script may take 10 min]'],
    ['Running: all is done but for Defender', '▶ Running since ‹time› · all commands done, Defender is finishing'],
    ['Break-glass: started without approval', '▶ Running since ‹time›[ · a script may take 10 min]'],
    ['The machine hasn’t picked it up', `◌ Sent, ‹machine› hasn’t picked it up yet[ · since ‹time›]${ENDS}`],
    ['A cancel was asked for', `◌ Sent, ‹machine› hasn’t picked it up yet[ · since ‹time›]${ENDS}`],
    ['A cancel that Defender hasn’t taken yet', `◌ Sent, ‹machine› hasn’t picked it up yet[ · since ‹time›]${ENDS}`],
    ['A cancel that Defender turned down', '▶ Running since ‹time›[ · a script may take 10 min]'],
  ],
  doubt: [
    [
      'Defender didn’t answer whether it started',
      '? Defender didn’t answer whether it started. Looking until ‹time›. Don’t start it again.',
    ],
    [
      'Defender says busy, and maybe with this one',
      '? Defender says that the machine is busy, maybe with this very request. Looking until ‹time›. Don’t start it again.',
    ],
    ['Unclear, so somebody has to say', '? Still unclear whether it ran. Approvers: did it run?'],
    ['Sent, and Defender tells nothing of it', `◌ Sent · I can’t see since ‹time› how it goes: ‹why›${ENDS}`],
    ['It ran when Defender last told', '▶ It was running, since ‹time› · I can’t see since ‹time› how it goes: ‹why›'],
    ['Finished, and its output is on its way', '◌ Finished[ in ‹span›], reading the output[. ‹note›]'],
    ['Finished, and its output can’t be read yet', '◌ Finished[ in ‹span›]. ‹trouble›[ ‹note›]'],
    ['Finished, and its output was never read', UNREAD],
  ],
  ends: [
    ['Finished', '✔ Finished[ in ‹span›][. ‹note›]'],
    ['Finished, with errors on its error stream', '✔ Finished[ in ‹span›]'],
    ['Finished, but not with exit 0', '⚠ Finished[ in ‹span›], but not every script ended with exit 0[. ‹note›]'],
    ['Failed', FAILED],
    ['Failed: a file was not placed', FAILED],
    ['Failed: a file was not collected', FAILED],
    ['Failed, and Defender doesn’t say why', `✘ Failed: Defender gave no reason.[ ${UNSEEN_BY}][ ‹note›]`],
    ['Defender refused it', '✘ Failed: ‹note›'],
    ['Timed out', TIMED_OUT],
    ['Timed out while a script ran', TIMED_OUT],
    ['Timed out, and the machine was never seen at it', `✘ Timed out: Defender gave up. ${UNSEEN_BY}[ ‹note›]`],
    ['Cancelled', '– Cancelled ‹note›'],
    ['Cancelled in line', '– Cancelled ‹note›'],
  ],
  settled: [
    ['An approver said that it ran', '? Finished[. ‹note›]'],
    ['An approver said that it didn’t run', '– Cancelled.[ ‹note›]'],
    ['Break-glass: to be reviewed', '✔ Finished[ in ‹span›]'],
    ['Break-glass: reviewed', '✔ Finished[ in ‹span›]'],
    ['In a channel that other organisations read: no output', '✔ Finished[ in ‹span›]'],
    ['Slack refused the long form', '✔ Finished[ in ‹span›]'],
  ],
  many: [
    ['Several machines: waiting for approval', '⏳ Waiting for approval'],
    ['Several machines: on their way', `▶ ${MANY}`],
    ['Several machines: the last one waits, since all is paused', `◌ ${MANY}`],
    ['Several machines: 37 of them, on their way', `▶ ${MANY}`],
    ['Several machines: two of them unclear', `? ${MANY}`],
    ['Several machines: all went well', `✔ ${MANY}`],
    ['Several machines: some failed', `✘ ${MANY}`],
    ['Several machines: not every script ended with exit 0', `⚠ ${MANY}`],
    ['Several machines: reading the last output', `◌ ${MANY}`],
    ['Several machines: the rest was cancelled', `– ${MANY}`],
  ],
  deletion: [
    ['Deleting a library file waits for approval', '⏳ Waiting for approval'],
    ['The file has changed since', `${AGAIN} ‹note›[ ‹since›]`],
    ['Another policy asks for more, while a deletion waits', `${AGAIN} ‹since›`],
    ['A deletion denied, with the reason', `✘ Denied by ‹who› ‹time›: “‹note›”. ${DELETION}`],
    ['A deletion denied, without a reason', `✘ Denied by ‹who› ‹time›, no reason given. ${DELETION}`],
    ['A deletion withdrawn', `– Withdrawn by ‹who› ‹time›[: “‹note›”]. ${DELETION}`],
    ['A deletion expired', '– Expired ‹time›: not enough approvals in time. Nothing was deleted.'],
    ['A deletion approved', '✔ Approved · deleted next'],
    ['A deletion approved and paused', `✔ Approved · ${PAUSED}`],
    ['A deletion waits for Defender', '✔ Approved · waits: ‹why›[. It is tried again by itself.]'],
    ['Deleting', '▶ Deleting it from the library'],
    ['Deleted', '✔ Finished: ‹file› is deleted from the library, for the whole tenant'],
    [
      'Somebody else had deleted it',
      '✔ Finished: ‹file› was not in the library any more, so nothing was left to delete',
    ],
    ['A deletion cancelled', '– {Cancelled.|Cancelled ‹note›|‹note›}'],
    ['A deletion failed', '✘ Failed: ‹file› was not deleted.[ ‹note›]'],
  ],
} as const satisfies Record<string, readonly (readonly [name: string, words: Wording])[]>;

export type Sheet = keyof typeof CARD_STATES;
export type StateName = (typeof CARD_STATES)[Sheet][number][0];

/** What may follow the words of a state; each is to be seen in a picture, too. */
export const ASIDES: readonly Wording[] = [
  ' · cancel requested by ‹who› ‹time›[: “‹why›”]',
  ' · cancel requested by ‹who› ‹time›[: “‹why›”], Defender hasn’t taken it yet',
  ' · cancel requested by ‹who› ‹time›[: “‹why›”]. ‹answer›',
];

/** What the code can say, but no card: a card is made when something waits or is approved. Lists and the Home tab say these. */
export const NEVER_ON_A_CARD: readonly Wording[] = [
  '⏳ Looking at it',
  '⏳ Not confirmed yet',
  '⏳ Not asked for yet: ‹who› hasn’t confirmed it',
  '✘ Refused: [‹note›]',
];

const FORMS: Record<string, string> = {
  time: String.raw`\d\d:\d\d UTC`,
  span: String.raw`\d+ (?:s|min|h|days)(?: \d+ (?:s|min))?`,
  n: String.raw`\d+`,
  bar: String.raw`[█░]{10} \d+ %`,
};

/** The wording as a pattern. `anyWords`: what a hole stands for; itself unless set, for records whose words are the holes' own names. */
export function patternOf(wording: Wording, anyWords?: string): string {
  return wording
    .replace(/[.*+?^$()\\]/g, String.raw`\$&`)
    .replaceAll(/[[{]/g, '(?:')
    .replaceAll(']', ')?')
    .replaceAll('}', ')')
    .replaceAll(/‹([^›]*)›/g, (hole, name: string) => FORMS[name] ?? anyWords ?? hole);
}

/** Whether these words are the state, with whatever may follow it. */
export function isWorded(words: string, wording: Wording, anyWords?: string): boolean {
  const asides = ASIDES.map((aside) => `(?:${patternOf(aside, anyWords)})?`).join('');
  return new RegExp(`^${patternOf(wording, anyWords)}${asides}$`, 'u').test(words);
}

/** The sheet that shows the state, and its words. */
export function stateCalled(name: StateName): { sheet: Sheet; words: Wording } {
  for (const [sheet, states] of Object.entries(CARD_STATES)) {
    const state = states.find(([called]) => called === name);
    if (state !== undefined) return { sheet: sheet as Sheet, words: state[1] };
  }
  throw new Error(`No state of a card is called “${name}”.`);
}
