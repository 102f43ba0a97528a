import assert from 'node:assert/strict';
import type { Emulator } from './emulator.ts';
import type { GoBetween } from './go-between.ts';
import type { EmulatorPage } from './page.ts';
import { type Actor, ADELE, MEGAN, PLACES } from './people.ts';
import { createStory, fields, type StandingCard } from './story.ts';

/** What a step needs. */
export interface Stage {
  emulator: Emulator;
  page: EmulatorPage;
  between: GoBetween;
  /** Where the bot takes activities. */
  botUrl: string;
}

const LINE = String.raw`run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;
const MESSAGE = 'application/vnd.microsoft.activity.message';
const CARD = 'application/vnd.microsoft.card.adaptive';

/** Each step of the way, in order; throws where the bot or the emulator does something else. */
export const STEPS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'an activity as the emulator sends it, without a token, gets 401 and nothing else': async (stage) => {
    const { between, botUrl, emulator } = stage;
    await emulator.say(PLACES.personal, 'whoami');
    const { body } = await between.waitFor('the activity', (passed) =>
      passed.find((call) => call.from === 'emulator' && fields(call.body).text === 'whoami'),
    );
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(botUrl, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 401);
    assert.equal(await answer.text(), '');
  },

  'what is asked in a private chat is answered there': async ({ between, emulator }) => {
    const story = createStory(between);
    await story.said(PLACES.personal, /Alex Wilber/);
    await emulator.say(PLACES.personal, 'help');
    await story.said(PLACES.personal, /run &lt;machine&gt; &lt;script&gt;/);
  },

  'a mention in a channel becomes a card in its thread': async ({ between, page }) => {
    const story = createStory(between);
    await page.post(LINE);
    const id = await story.request();
    const card = await story.card(id, 'waiting', (words) => words.includes('Waiting for approval'));
    assert.equal(card.conversation, await story.threadOf(LINE));
    await page.shows(/Waiting for approval/);
    await page.picture('waiting');
  },

  'those who may not approve are told why, and the card stays as it is': async (stage) => {
    const story = createStory(stage.between);
    const id = await story.request();
    const card = await story.card(id, 'waiting');
    await stage.page.press('Decide…');
    await stage.page.press('Approve');
    await stage.page.shows(/You asked for LR-\w{6} yourself, so someone else must approve it/);
    await stage.page.picture('refused');
    assert.match(await clicked(stage, ADELE, card, approve(id)), /may/);
    assert.equal((await story.card(id, 'as before')).edits, card.edits);
  },

  'somebody whom the card concerns gets it with open buttons': async ({ between, emulator }) => {
    const story = createStory(between);
    const id = await story.request();
    const action = { type: 'Action.Execute', verb: 'refresh', data: { id } };
    const { status, body } = await emulator.click({ who: MEGAN, ...(await story.card(id, 'waiting')), action });
    assert.equal(status, 200);
    assert.equal(fields(body).type, CARD);
    const words = JSON.stringify(body);
    assert.ok(words.includes('"verb":"approve"') && !words.includes('Decide…'));
  },

  'once approved by somebody else it runs, is edited to its end, and the thread tells it': async (stage) => {
    const { between, page } = stage;
    const story = createStory(between);
    const id = await story.request();
    const { conversation, message } = await story.card(id, 'waiting');
    const card = { conversation, message };
    assert.equal(await clicked(stage, MEGAN, card, approve(id)), 'Done. The card shows it in a moment.');
    await story.said(conversation, /Megan Bowen<\/b> approved/);
    await story.said(conversation, /minidump\.ps1<\/b> ended with exit 0/);
    await story.said(conversation, /OfficeClickToRun\.dmp\.zip<\/b> was collected/);
    const end = await story.card(id, 'finished', (words) => words.includes('Finished in'));
    assert.equal(end.message, message);
    assert.ok(end.edits >= 2, `edited ${end.edits} times`);
    assert.doesNotMatch(JSON.stringify(end.card), /"verb":"(?:approve|deny|withdraw|cancel)"/);
    await story.said(conversation, /Finished in.*<at>Alex Wilber<\/at>|<at>Alex Wilber<\/at>.*Finished in/s);
    await page.shows(/Finished in/);
    await page.picture('finished');
    assert.match(await clicked(stage, MEGAN, card, approve(id)), /finished|approved|already/i);
  },

  'a command in a thread gets its card in that thread': async ({ between, emulator }) => {
    const story = createStory(between);
    const thread = await story.threadOf(LINE);
    const before = await story.request();
    await emulator.say(thread, '@Live Response run ws-042 minidump.ps1 Teams');
    const id = await story.request(before);
    assert.equal((await story.card(id, 'waiting')).conversation, thread);
  },

  'a command in a private chat becomes a post of its own in the channel, and is denied there': async (stage) => {
    const { between, emulator, page } = stage;
    const story = createStory(between);
    const before = await story.request();
    await emulator.say(PLACES.personal, 'run ws-042 minidump.ps1 Outlook');
    const id = await story.request(before);
    const card = await story.card(id, 'waiting');
    assert.ok(card.conversation.startsWith(`${PLACES.channel};messageid=`));
    await clicked(stage, MEGAN, card, { verb: 'deny', data: { id: `${id}:1`, why: 'not without a ticket' } });
    await story.card(id, 'denied', (words) => /Denied by Megan Bowen.*not without a ticket/.test(words));
    await page.shows(/Nothing was sent to the machine/);
    await page.picture('denied');
  },

  'the mention alone offers the form': async ({ between, page }) => {
    await page.post('');
    await between.waitFor('the button of the form', (passed) =>
      passed.find(({ from, body }) => from === 'bot' && JSON.stringify(body).includes('task/fetch')),
    );
    await page.shows(/Open the form/);
    await page.picture('form');
  },
};

function approve(id: string): object {
  return { verb: 'approve', data: { id: `${id}:1` } };
}

/** Clicks, and returns the words that the clicker gets. */
async function clicked(
  { emulator }: Stage,
  who: Actor,
  { conversation, message }: Pick<StandingCard, 'conversation' | 'message'>,
  action: object,
): Promise<string> {
  const execute = { type: 'Action.Execute', ...action };
  const { status, body } = await emulator.click({ who, conversation, message, action: execute });
  assert.equal(status, 200, JSON.stringify(body));
  const { type, value } = fields(body);
  assert.equal(type, MESSAGE);
  return String(value);
}
