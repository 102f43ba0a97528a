import { type Card, code, text } from '../model/notice.ts';
import type { Platform } from '../model/person.ts';
import type { Policy } from '../policy/index.ts';
import { type Finding, failed, ok } from './finding.ts';

const CHECK = 'Test card';

/** A card that asks for nothing. It is of no request, and has no buttons. */
export const TEST_CARD: Card = {
  requestId: 'test card',
  title: 'Test card',
  state: { symbol: '✔', words: [text('Cards arrive here')] },
  headline: [text('Whoever runs this bot posted this with '), code('liveresponse doctor'), text(' to see it arrive.')],
  commands: [],
  facts: [[text('There is nothing to do.')]],
  warnings: [],
  footer: [],
  buttons: [],
  audience: null,
};

/** How a platform posts a card. */
export interface Sender {
  name: string;
  /** Why it can't be tried at all; null: it can. */
  obstacle: (channel: string) => Promise<Finding | null>;
  post: (channel: string, card: Card) => Promise<void>;
  /** What went wrong. */
  trouble: (check: string, error: unknown, where: string) => Finding;
}

/** Posts the test card to one of the policy's channels, and nowhere else. `senderOf`: null where the platform isn't set up. */
export async function sendTestCard(
  channel: string,
  policy: Policy | null,
  senderOf: (platform: Platform) => Sender | null,
): Promise<Finding> {
  if (policy === null) {
    return failed(CHECK, 'not posted: the policy can’t be read.', 'Mend the policy first.');
  }
  const platform = (['slack', 'teams'] as const).find((one) => policy.channels[one].includes(channel));
  if (platform === undefined) {
    const mend = 'Add it to channels in the policy, or take one that stands there, by its id.';
    return failed(CHECK, `not posted: ${channel} is none of the policy's channels.`, mend);
  }
  const sender = senderOf(platform);
  if (sender === null) {
    return failed(CHECK, `not posted: ${platform} isn't set up.`, 'See what stands at Configuration.');
  }
  try {
    const obstacle = await sender.obstacle(channel);
    if (obstacle !== null) return { ...obstacle, check: CHECK, status: 'failed' };
    await sender.post(channel, TEST_CARD);
    return ok(CHECK, `posted to ${channel} in ${sender.name}.`);
  } catch (error) {
    return sender.trouble(CHECK, error, `not posted to ${channel}: `);
  }
}
