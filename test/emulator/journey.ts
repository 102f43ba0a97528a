import assert from 'node:assert/strict';
import type { Emulator } from './emulator.ts';
import type { GoBetween } from './go-between.ts';
import { ADELE, ALEX, MEGAN, PLACES } from './people.ts';
import { createStory, fields, type StandingCard } from './story.ts';

/** What a step needs. */
export interface Stage {
  emulator: Emulator;
  between: GoBetween;
  /** Where the bot takes activities. */
  botUrl: string;
  /** Takes a picture of the emulator's page. */
  picture(name: string): Promise<void>;
}

const LINE = String.raw`run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;
const MESSAGE = 'application/vnd.microsoft.activity.message';
const CARD = 'application/vnd.microsoft.card.adaptive';

/** Each step of the way, in order; throws where the bot or the emulator does something else. */
export const STEPS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'an activity without a token gets 401, and nothing happens': async ({ between, botUrl, emulator }) => {
    await emulator.say(PLACES.personal, 'whoami');
    const sent = await between.waitFor('the activity', (passed) => passed.find(({ from }) => from === 'emulator'));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(botUrl, { method: 'POST', headers, body: JSON.stringify(sent.body) });
    assert.equal(answer.status, 401);
    assert.equal(await answer.text(), '');
  },

  'a private chat is answered where it is': async ({ between, emulator }) => {
    const story = createStory(between);
    await story.said(PLACES.personal, /Alex Wilber/);
    await emulator.say(PLACES.personal, 'help');
    await story.said(PLACES.personal, /run .*machine/);
  },

  'a mention in a channel becomes a card in its thread, edited to its end': async (stage) => {
    const { between, emulator, picture } = stage;
    const story = createStory(between);
    const from = between.passed.length;
    const { postConversationId: thread = '' } = await emulator.say(PLACES.channel, `@Live Response ${LINE}`);
    const id = await story.requestAfter(from);
    const waiting = await story.card(id, 'waiting', (card) => card.includes('Waiting for approval'));
    assert.equal(waiting.conversation, thread);
    await picture('waiting');

    await refused(stage, { who: ALEX, on: waiting, id, because: /yourself/ });
    await refused(stage, { who: ADELE, on: waiting, id, because: /may|approve/ });
    await ownView(stage, waiting, id);
    const still = await story.card(id, 'still waiting');
    assert.match(JSON.stringify(still.card), /0 so far/);

    assert.equal(
      await clicked(stage, MEGAN, waiting, { verb: 'approve', data: { id: `${id}:1` } }),
      'Done. The card shows it in a moment.',
    );
    await story.said(thread, /Megan Bowen.* approved/, from);
    await story.said(thread, /minidump\.ps1.*exit 0/s, from);
    await story.said(thread, /<at>Alex Wilber<\/at>/, from);
    const end = await story.card(id, 'finished', (card) => /Finished in/.test(card));
    assert.equal(end.message, waiting.message);
    assert.ok(end.edits >= 2, `edited ${end.edits} times`);
    assert.doesNotMatch(JSON.stringify(end.card), /"verb":"(approve|deny|withdraw|cancel)"/);
    await picture('finished');
    const late = await clicked(stage, MEGAN, waiting, { verb: 'approve', data: { id: `${id}:1` } });
    assert.match(late, /already|no longer|ended|finished/i);
  },

  'a command in a thread is answered in that thread': async ({ between, emulator }) => {
    const story = createStory(between);
    const first = await emulator.say(PLACES.channel, '@Live Response pending');
    const { postConversationId: thread = '' } = first;
    await emulator.say(thread, '@Live Response run ws-042 Get-Services.ps1 --reason "second in the thread"');
    const id = await story.requestAfter(between.passed.length - 1).catch(() => null);
    const asked = id ?? (await story.requestAfter(0));
    const card = await story.card(asked, 'waiting');
    assert.ok(card.conversation.startsWith(PLACES.channel));
  },

  'a command in a private chat becomes a post of its own, and is denied there': async (stage) => {
    const { between, emulator } = stage;
    const story = createStory(between);
    const from = between.passed.length;
    await emulator.say(PLACES.personal, String.raw`run ws-042 minidump.ps1 Teams`);
    const id = await story.requestAfter(from);
    const card = await story.card(id, 'waiting');
    assert.match(card.conversation, new RegExp(`^${PLACES.channel};messageid=`));
    await clicked(stage, MEGAN, card, { verb: 'deny', data: { id: `${id}:1`, why: 'not without a ticket' } });
    await story.card(
      id,
      'denied',
      (words) => /Denied by Megan Bowen/.test(words) && words.includes('not without a ticket'),
    );
    await stage.picture('denied');
  },
};

async function refused(
  stage: Stage,
  how: { who: typeof ALEX; on: StandingCard; id: string; because: RegExp },
): Promise<void> {
  const words = await clicked(stage, how.who, how.on, { verb: 'approve', data: { id: `${how.id}:1` } });
  assert.match(words, how.because);
}

/** The card with open buttons, for somebody whom it concerns. */
async function ownView({ emulator }: Stage, on: StandingCard, id: string): Promise<void> {
  const action = { type: 'Action.Execute', verb: 'refresh', data: { id } };
  const { status, body } = await emulator.click({ who: MEGAN, ...on, action });
  assert.equal(status, 200);
  assert.equal(fields(body).type, CARD);
  assert.match(JSON.stringify(body), /"verb":"approve"/);
}

/** The words that the clicker gets. */
async function clicked({ emulator }: Stage, who: typeof ALEX, on: StandingCard, action: object): Promise<string> {
  const { status, body } = await emulator.click({ who, ...on, action: { type: 'Action.Execute', ...action } });
  assert.equal(status, 200, JSON.stringify(body));
  const { type, value } = fields(body);
  assert.equal(type, MESSAGE);
  return String(value);
}
