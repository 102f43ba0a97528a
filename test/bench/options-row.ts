import { setTimeout as pause } from 'node:timers/promises';
import { machineId } from '../../src/playground/defender-tenant/machines.ts';
import { SECRETS, startBot } from '../support/bot.ts';
import type { Database } from './bot-rows.ts';
import { suggestionBody } from './deliveries.ts';
import { drive, type Sent } from './drive.ts';
import { farAway } from './far-away.ts';
import { type FarEnds, startFarEnds, WIDE_POLICY } from './far-ends.ts';
import { type Spread, spread } from './numbers.ts';
import { SETTLE } from './slack-pair.ts';

/** How fast a typeahead of the form offers something. */
export interface OptionsRow {
  machines: number;
  files: number;
  perSecond: number;
  /** Milliseconds from the bot to Defender, and as many back. */
  way: number;
  /** What nobody typed before. */
  cold: Offered;
  /** The same once more, by others. */
  warm: Offered;
}

interface Offered extends Spread {
  /** Answers without a choice, where there is one. */
  empty: number;
  /** The most choices in one answer. */
  most: number;
  /** Reads at Defender. */
  reads: number;
}

const PEOPLE = ['U0ANA', 'U0LEA', 'U0LEO'];
const FIELDS = { machine: 'lrform:machine', file: 'lrform:script1' } as const;

/** Names that people type, a letter at a time, all at the same moment; parts of the names of files; whole addresses. */
const NAMES = ['ws-03777', 'srv-41204', 'ws-25001.c', 'srv-31'];
const INFIXES = ['collect', 'event', '-47', 'ps1', '042', 'triage', 'og-4'];
const ADDRESSES = [7, 70, 700, 7_000].map(addressOf);

function typed(): { field: keyof typeof FIELDS; query: string }[] {
  const longest = Math.max(...NAMES.map(({ length }) => length));
  const letters = Array.from({ length: longest }, (_, index) =>
    NAMES.filter(({ length }) => length > index).map((name) => name.slice(0, index + 1)),
  );
  // What two of them begin with alike is new once.
  const machines = [...new Set([...letters.flat(), ...ADDRESSES])];
  return [
    ...machines.map((query) => ({ field: 'machine' as const, query })),
    ...INFIXES.map((query) => ({ field: 'file' as const, query })),
  ];
}

/** Measures a fresh bot with Slack on the given database. */
export async function optionsRow(
  database: Database,
  has: { machines: number; files: number },
  { perSecond, loadSeconds, way }: { perSecond: number; loadSeconds: number; way: number },
): Promise<OptionsRow> {
  const ends = await startFarEnds();
  enlarge(ends, has);
  const road = await farAway(ends.defender.apiUrl, way);
  const env = { LOG_LEVEL: 'warn', DEFENDER_API_URL: road.url };
  const bot = await startBot({ ...ends, ...database, policy: WIDE_POLICY, env });
  ends.slack.setBotUrl(bot.slackUrl);
  const offer = async (queries: ReturnType<typeof typed>): Promise<Offered> => {
    const before = ends.defender.state().calls.length;
    const bodies = queries.map(({ field, query }, index) =>
      suggestionBody(FIELDS[field], query, PEOPLE[index % PEOPLE.length]),
    );
    const sent = await drive({ url: bot.slackUrl, proof: { slackSecret: SECRETS.signingSecret }, perSecond, bodies });
    return offered(sent, ends.defender.state().calls.length - before);
  };
  try {
    await pause(SETTLE);
    const queries = typed();
    const cold = await offer(queries);
    const rounds = Math.ceil((perSecond * loadSeconds) / queries.length);
    const warm = await offer(Array.from({ length: rounds }, () => queries).flat());
    return { ...has, perSecond, way, cold, warm };
  } finally {
    await bot.kill9();
    road.close();
    await ends.close();
  }
}

const KINDS = ['Collect-EventLog', 'Get-Services', 'Triage-Host'];
const fileOf = (index: number): string => `${KINDS[index % KINDS.length]}-${String(index).padStart(3, '0')}.ps1`;

function enlarge({ defender }: FarEnds, { machines, files }: { machines: number; files: number }): void {
  const model = defender.machines.find('ws-042');
  if (model === undefined) throw new Error('The tenant has no ws-042.');
  for (let index = 0; index < machines; index++) {
    const name = `${index % 2 === 0 ? 'srv' : 'ws'}-${String(index).padStart(5, '0')}.contoso.example`;
    defender.machines
      .all()
      .push({ ...model, id: machineId(name), computerDnsName: name, lastIpAddress: addressOf(index) });
  }
  for (let index = 0; index < files; index++)
    defender.library.put({ fileName: fileOf(index), content: '# nothing' }, Date.now());
}

function offered(sent: readonly Sent[], reads: number): Offered {
  const counts = sent.map(({ status, body }) => {
    if (status !== 200) throw new Error(`The bot answered ${status}: ${body}`);
    return (JSON.parse(body) as { options: unknown[] }).options.length;
  });
  return {
    ...spread(sent.map(({ ms }) => ms)),
    empty: counts.filter((count) => count === 0).length,
    most: Math.max(...counts),
    reads,
  };
}

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}
