import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkMessage } from '../../../src/chat/slack/check.ts';
import { checkView, OptionsShape } from '../../../src/chat/slack/form/check.ts';
import { checkHomeView } from '../../../src/chat/slack/home/check.ts';
import { shortName } from '../../../src/model/machine.ts';
import { folded, legible, legibleLine } from '../../support/hostile/legible.ts';
import { commandsOf, MACHINE, type Played, play } from '../../support/hostile/play.ts';
import {
  boxesIn,
  faultsIn,
  isIdentifier,
  type Meant,
  messageFaults,
  partsOf,
  strongIn,
} from '../../support/hostile/reader.ts';
import { FATES, type Fate, type Scene, scenes, TEXTS_IN_A_SCENE } from '../../support/hostile/scene.ts';
import { countTexts } from '../../support/hostile/texts.ts';
import type { Sent } from '../../support/hostile/wire.ts';
import { sendToWorkspace } from '../../support/hostile/workspace.ts';

/** Texts; RUNS=10000 for all that were promised. */
const RUNS = Number(process.env.RUNS ?? 2_000);
/** Calls that the simulated Slack takes, too, over HTTP. */
const SAMPLE = 200;
const SEED = Number(process.env.SEED ?? 20_261_124);

const MEANT: Meant = {
  people: new Set(['U0ANA', 'U0LEA', 'U0LEO']),
  places: [
    'https://bot.example.com/results/',
    'https://security.microsoft.com/machines',
    'https://contoso.slack.com/archives/C0SOC/p',
  ],
};

/** What is wrong with something that was sent: as a client reads it, and as Slack would refuse it. */
function faultsOf({ method, args }: Sent): string[] {
  const { view } = args as { view?: { type?: string } };
  switch (method) {
    case 'views.publish':
      return [...faultsIn(view, MEANT), ...checkHomeView(view)];
    case 'view':
      return [...faultsIn(args, MEANT), ...checkView(args)];
    case 'options':
      return [
        ...faultsIn(args, MEANT),
        ...(OptionsShape.safeParse(args).success ? [] : ['options that Slack refuses']),
      ];
    case 'errors':
      return faultsIn(args, MEANT);
    default:
      return [...messageFaults(args, MEANT), ...checkMessage(args), ...callFaults(method, args)];
  }
}

/** Beside its words, a call says that Slack is to look for nothing in them, and which request they are about. */
function callFaults(method: string, args: Sent['args']): string[] {
  if (!method.startsWith('chat.')) return [];
  const { parse, link_names, unfurl_links, unfurl_media } = args;
  const quiet = method !== 'chat.postMessage' || (unfurl_links === false && unfurl_media === false);
  const metadata = args.metadata as { event_payload: Record<string, string> } | undefined;
  const words = Object.values(metadata?.event_payload ?? {}).filter((value) => !isIdentifier(value));
  return [
    ...(parse === 'none' && link_names === false && quiet ? [] : ['Slack looks for links and names in the words']),
    ...words.map((word) => `words in the metadata: ${word}`),
  ];
}

/** The cards of the scene's request. */
const cardsOf = ({ sent, request }: Played) =>
  sent.filter(({ args }) => JSON.stringify(strongIn(args.blocks)).includes(`"Live response ${request}"`));

/** Who approves in a dialog agrees to whole commands, or is sent to the card to read them. */
function assertAgreed(scene: Scene, confirm: unknown): void {
  const words = (confirm as { text?: { text: string } } | undefined)?.text?.text ?? '';
  if (!words.startsWith('On ') || words.includes('see the card')) return;
  const shown = folded(words).split('\n');
  for (const command of commandsOf(scene)) {
    assert.ok(
      shown.some((line) => line.endsWith(` ${legibleLine(command)}`)),
      `${command} is whole in ${words}`,
    );
  }
}

function assertWhole(fate: Fate, scene: Scene, played: Played): void {
  const cards = cardsOf(played);
  assert.ok(cards.length > 0, 'the request has a card');
  for (const { args } of cards) {
    const boxes = boxesIn(args.blocks);
    for (const command of commandsOf(scene)) {
      assert.ok(boxes.includes(legible(command)), `${JSON.stringify(command)} is whole in ${JSON.stringify(boxes)}`);
    }
    // A database holds neither halves of characters nor NULs.
    const stored = scene.machine.name.replaceAll(/\p{Cs}|\0/gu, '\uFFFD');
    const name = legibleLine(stored) || MACHINE;
    // Of several machines, where people know them by it, only the first label; it comes first.
    const short = legibleLine(shortName({ id: MACHINE, name: stored }));
    const strong = strongIn(args.blocks).map(folded);
    const isNamed = (words: string) => words === name || (fate === 'several' && words.startsWith(short));
    assert.ok(strong.some(isNamed), `${JSON.stringify(name)} is whole in ${JSON.stringify(strong)}`);
    for (const { confirm } of partsOf(args.blocks, 'button')) assertAgreed(scene, confirm);
  }
}

describe('hostile words in Slack, from the typed line to the end', () => {
  const numRuns = Math.ceil(RUNS / FATES.length / TEXTS_IN_A_SCENE);
  const sample: Sent[] = [];
  let texts = 0;
  let stories = 0;

  async function assertHarmless(fate: Fate, scene: Scene): Promise<void> {
    const played = await play(fate, scene);
    texts += countTexts(scene);
    assert.deepEqual(played.thrown, []);
    for (const sent of played.sent) {
      const json = JSON.stringify(sent.args);
      assert.deepEqual(faultsOf(sent), [], json.slice(0, 2_000));
      assert.equal(Buffer.from(json).toString(), json);
    }
    if (played.request === null) return;
    stories += 1;
    if (fate !== 'deleted') assertWhole(fate, scene, played);
    if (sample.length < SAMPLE) sample.push(...played.sent);
  }

  for (const fate of FATES) {
    it(`call nobody, link nowhere, hide and break nothing, and cut no command: a request that is ${fate}`, async function () {
      this.timeout(60_000 + numRuns * 5_000);
      const outcome = await fc.check(
        fc.asyncProperty(scenes, (scene) => assertHarmless(fate, scene)),
        { numRuns, seed: SEED + FATES.indexOf(fate), endOnFailure: true },
      );
      if (!outcome.failed) return;
      const { counterexamplePath, errorInstance } = outcome;
      throw new Error(`Scene ${counterexamplePath} of SEED=${SEED}: ${(errorInstance as Error).stack}`);
    });
  }

  it('are taken by a Slack that refuses what it would refuse, and stored as they were sent', async () => {
    const taken = await sendToWorkspace(sample);
    assert.ok(taken >= SAMPLE / 2, `${taken} calls`);
  });

  it(`were ${RUNS} at least, in stories that went their way but for a few too long lines`, () => {
    assert.ok(texts >= RUNS, `${texts} texts`);
    assert.ok(stories >= 0.8 * numRuns * FATES.length, `${stories} stories`);
  });
});
