import assert from 'node:assert/strict';
import { z } from 'zod';
import { slackManifest } from '../../src/manifest/slack.ts';

/** Text of so many characters. */
const text = (least: number, most: number) => z.string().min(least).max(most);
const flag = z.boolean().optional();
const address = (most: number) =>
  z
    .string()
    .regex(/^https?:\/\//)
    .max(most)
    .optional();
const scopes = z.array(text(0, 50)).max(255).optional();
const events = z
  .array(text(0, 50))
  .max(100)
  .refine((all) => new Set(all).size === all.length)
  .optional();

/**
 * What Slack's JSON schema of manifests (slackapi/manifest-schema, version 2) asks of the parts that ours have; each is closed there,
 * so a key that we begin to write has to be looked up in it first. Scopes and events are any words to it: those the types of Slack's
 * SDK check, in the test of its definition.
 */
const Manifest = z.strictObject({
  // Without the 2 Slack reads a manifest by the rules of version 1.
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.int() }),
  display_information: z.strictObject({
    name: text(1, 35),
    description: text(1, 140).optional(),
    long_description: text(175, 4_000).optional(),
    background_color: z
      .string()
      .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i)
      .optional(),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: flag,
      messages_tab_enabled: flag,
      messages_tab_read_only_enabled: flag,
    }),
    bot_user: z.strictObject({ display_name: text(1, 80), always_online: flag }),
    shortcuts: z
      .array(
        z.strictObject({
          name: text(1, 24),
          type: z.enum(['message', 'global']),
          callback_id: text(1, 255),
          description: text(1, 150),
        }),
      )
      .min(1)
      .max(10),
    slash_commands: z
      .array(
        z.strictObject({
          command: text(2, 32).startsWith('/'),
          url: address(3_000),
          description: text(1, 2_000),
          usage_hint: text(1, 1_000).optional(),
          should_escape: flag,
        }),
      )
      .min(1)
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: scopes, user: scopes }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ request_url: address(3_500), bot_events: events }),
    interactivity: z.strictObject({
      is_enabled: z.boolean(),
      request_url: address(3_500),
      message_menu_options_url: address(3_500),
    }),
    org_deploy_enabled: flag,
    socket_mode_enabled: flag,
    token_rotation_enabled: flag,
  }),
});

type Shape = z.infer<typeof Manifest>;

const LONGEST_HOST = `${Array.from({ length: 4 }, () => 'a'.repeat(62)).join('.')}.de`;

describe("Slack's JSON schema of manifests", () => {
  const manifests: [string, string][] = [
    ['HTTP', slackManifest('https://live.contoso.com')],
    ['HTTP at the longest address', slackManifest(`https://${LONGEST_HOST}:65535`)],
    ['Socket Mode', slackManifest('https://live.contoso.com', { socket: true })],
  ];
  for (const [name, manifest] of manifests) {
    it(`accepts the manifest for ${name}`, () => {
      assert.equal(Manifest.safeParse(JSON.parse(manifest)).error, undefined);
    });
  }

  it('would refuse a manifest with any one thing beyond it', () => {
    const wrong: [string, (manifest: Shape) => unknown][] = [
      ['_metadata.major_version', ({ _metadata }) => Object.assign(_metadata, { major_version: 1 })],
      ['display_information.name', ({ display_information: it }) => Object.assign(it, { name: 'x'.repeat(36) })],
      [
        'display_information.long_description',
        ({ display_information: it }) => Object.assign(it, { long_description: 'x' }),
      ],
      [
        'display_information.background_color',
        ({ display_information: it }) => Object.assign(it, { background_color: 'red' }),
      ],
      [
        'features.shortcuts.0.name',
        ({ features }) => Object.assign(features.shortcuts[0] ?? {}, { name: 'x'.repeat(25) }),
      ],
      [
        'features.slash_commands.0.command',
        ({ features }) => Object.assign(features.slash_commands[0] ?? {}, { command: 'live' }),
      ],
      ['features.slash_commands', ({ features }) => Object.assign(features, { slash_commands: [] })],
      ['features', ({ features }) => Object.assign(features, { app_homes: {} })],
      [
        'settings.event_subscriptions.bot_events',
        ({ settings }) => settings.event_subscriptions.bot_events?.push('app_mention'),
      ],
      [
        'settings.interactivity.is_enabled',
        ({ settings }) => Object.assign(settings.interactivity, { is_enabled: undefined }),
      ],
    ];
    for (const [where, spoil] of wrong) {
      const manifest = Manifest.parse(JSON.parse(slackManifest('https://live.contoso.com')));
      spoil(manifest);
      const issues = Manifest.safeParse(manifest).error?.issues.map(({ path }) => path.join('.'));
      assert.deepEqual(issues, [where]);
    }
  });
});
