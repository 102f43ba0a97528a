import assert from 'node:assert/strict';
import { importsOf, readSources, type Source } from './laws/imports.ts';
import {
  downOnly,
  fewSpeakers,
  type Law,
  noCircles,
  noPlaygroundInProduction,
  noSdkInside,
  opaqueHandles,
  sdksAtHome,
} from './laws/laws.ts';

/** Each law with violations that it must see. */
const LAWS: { name: string; law: Law; planted: Source[][] }[] = [
  {
    name: 'imports run down the floors only, and every file has a floor (1)',
    law: downOnly,
    planted: [
      [file('model/request.ts', "import { send } from '../flow/send.ts';")],
      [file('flow/send.ts', "import type { Slack } from '../chat/slack/index.ts';")],
      [file('store/open.ts', "export * from '../defender/client.ts';")],
      [file('http/server.ts', "const app = await import('../app.ts');")],
      [file('outbound/exchange.ts', "import type { Tokens } from '../entra/tokens.ts';")],
      [file('entra/tokens.ts', "import { createDefender } from '../defender/client.ts';")],
      [file('helpers/misc.ts', '')],
    ],
  },
  {
    name: 'model, actions, policy and flow import no SDK (1)',
    law: noSdkInside,
    planted: [
      [file('flow/report.ts', "import type { KnownBlock } from '@slack/types';")],
      [file('policy/load.ts', "import axios from 'axios';")],
      [file('model/ids.ts', "import {\n  a,\n  b,\n} from 'nanoid';")],
    ],
  },
  {
    name: 'each SDK, its types included, stays in its own folder (2)',
    law: sdksAtHome,
    planted: [
      [file('http/server.ts', "import type { App } from '@slack/bolt';")],
      [file('chat/slack/post.ts', "import axios from 'axios';")],
      [file('app.ts', "import { Kysely } from 'kysely';")],
      [file('defender/client.ts', "import { PGlite } from '@electric-sql/pglite/live';")],
      [file('chat/inbox.ts', "export type { Activity } from 'botbuilder';")],
      [file('defender/http.ts', "import axios from 'axios';")],
      [file('chat/teams/identify.ts', "import { ConfidentialClientApplication } from '@azure/msal-node';")],
      [file('entra/tokens.ts', "const { pino } = await import('pino');")],
    ],
  },
  {
    name: 'only report speaks to a chat, only the stages that run things reach what runs at Defender (3)',
    law: fewSpeakers,
    planted: [
      [file('flow/approve.ts', 'await chat.post(place, card);')],
      [file('flow/submit.ts', 'await deps.defender.submit(id, body, gate);')],
      [file('flow/report.ts', 'const link = await deps.defender.resultLink(id, 0, "people");')],
    ],
  },
  {
    name: "handles are read by their platform's thread alone, and platforms don't know each other (4)",
    law: opaqueHandles,
    planted: [
      [file('app.ts', "import { readMessage } from './chat/slack/thread.ts';")],
      [file('chat/teams/post.ts', "import { render } from '../slack/render.ts';")],
      [file('flow/report.ts', "const [channel] = row.posted.thread.split(':');")],
    ],
  },
  {
    name: 'production never imports the playground (5)',
    law: noPlaygroundInProduction,
    planted: [
      [file('app.ts', "import { people } from './playground/slack-workspace/people.ts';")],
      [file('cli.ts', "import { playground } from './playground/index.ts';")],
      [file('cli/start.ts', "await import('../playground/index.ts');")],
    ],
  },
  {
    name: 'there are no circles',
    law: noCircles,
    planted: [
      [
        file('flow/a.ts', "import { b } from './b.ts';"),
        file('flow/b.ts', "import type { C } from './c.ts';"),
        file('flow/c.ts', "export { a } from './a.ts';"),
      ],
    ],
  },
];

function file(path: string, text: string): Source {
  return { path, text };
}

describe('The laws of the house', () => {
  const sources = readSources();

  for (const { name, law, planted } of LAWS) {
    it(`hold: ${name}`, () => {
      assert.deepEqual(law(sources), []);
    });

    it(`are seen to be broken: ${name}`, () => {
      for (const violation of planted) assert.equal(law(violation).length, 1, JSON.stringify(violation));
    });
  }

  it('are read from all of the house', () => {
    const known = new Set(sources.map(({ path }) => path));
    const ours = sources
      .flatMap(importsOf)
      .flatMap(({ from, file: target }) => (target === null ? [] : [[from, target]]));
    assert.ok(sources.length > 50 && ours.length > 200);
    // Every import leads to a file: the reader of imports reads what it thinks it reads.
    const lost = ours.filter(([, target]) => !known.has(target ?? '') && /\.tsx?$/.test(target ?? ''));
    assert.deepEqual(lost, []);
  });

  it('read every way to import', () => {
    const text = [
      "import a from 'a';",
      "import * as b from '@b/b/deep';",
      "import type { C } from './c.ts';",
      "import './d.ts';",
      "export { e } from '../e.ts';",
      "export * from 'f';",
      'import {\n  g,\n} from "g";',
      "const h = await import('h');",
      "type I = import('i').I;",
      "import j, { type J } from 'node:j/promises';",
      "// words from 'k'",
      "const l = 'from';",
    ].join('\n');
    const found = importsOf(file('x/y.ts', text)).map((found) => found.package ?? found.file);
    assert.deepEqual(found.sort(), ['@b/b', 'a', 'e.ts', 'f', 'g', 'h', 'i', 'node:j/promises', 'x/c.ts', 'x/d.ts']);
  });
});
