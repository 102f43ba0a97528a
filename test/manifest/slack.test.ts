import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { AppError } from '../../src/errors.ts';
import { COMMANDS, usageOf } from '../../src/flow/command-table.ts';
import { slackManifest } from '../../src/manifest/slack.ts';

/** What the bot may do in a workspace, each with its reason. One more needs a reason here and in docs/slack.md. */
const SCOPES = {
  commands: 'the slash command itself',
  'app_mentions:read': 'words in threads, where Slack takes no slash commands: @Live Response status',
  'chat:write': 'cards, replies and private answers',
  'users:read': 'who somebody is: a guest, a bot, a person of another organisation or a deactivated one may do nothing',
  'channels:read': 'whether a public channel is shared with other organisations: output never stands inline there',
  'groups:read': 'the same for a private channel',
  'usergroups:read': 'who is in the user groups that the policy trusts; without such groups it may be left out',
};

interface Manifest {
  display_information: { name: string; description: string; long_description: string };
  features: {
    app_home: Record<string, boolean>;
    bot_user: { display_name: string };
    slash_commands: Record<string, unknown>[];
    shortcuts: { name: string; type: string; callback_id: string; description: string }[];
  };
  oauth_config: { scopes: { bot: string[]; user?: string[] } };
  settings: {
    interactivity: Record<string, unknown>;
    event_subscriptions: { request_url: string; bot_events: string[] };
    socket_mode_enabled: boolean;
    token_rotation_enabled: boolean;
  };
}

describe("Slack's app manifest", () => {
  const words = slackManifest('https://live.contoso.com/');
  const manifest = JSON.parse(words) as Manifest;

  it('leads commands and clicks to the address that was given, and nothing to the placeholder', () => {
    const [command] = manifest.features.slash_commands;
    assert.equal(command?.url, 'https://live.contoso.com/slack/events');
    assert.equal(manifest.settings.interactivity.request_url, 'https://live.contoso.com/slack/events');
    assert.deepEqual(manifest.settings.event_subscriptions, {
      request_url: 'https://live.contoso.com/slack/events',
      bot_events: ['app_home_opened', 'app_mention'],
    });
    assert.ok(!words.includes('example.com'));
  });

  it('asks for what is needed, with a reason each, and for nothing on behalf of a person', () => {
    assert.deepEqual([...manifest.oauth_config.scopes.bot].sort(), Object.keys(SCOPES).sort());
    assert.equal(manifest.oauth_config.scopes.user, undefined);
  });

  it('has a shortcut for the workspace and one for messages, which open the form', () => {
    const { shortcuts } = manifest.features;
    assert.deepEqual(
      shortcuts.map(({ type, callback_id }) => [type, callback_id]),
      [
        ['global', 'liveresponse_form'],
        ['message', 'liveresponse_message'],
      ],
    );
    assert.equal(manifest.settings.interactivity.message_menu_options_url, 'https://live.contoso.com/slack/events');
  });

  it('has the Home tab, and the chat with the app, where people may type', () => {
    assert.deepEqual(manifest.features.app_home, {
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: false,
    });
  });

  it('lets typed words arrive as they were typed', () => {
    const [command] = manifest.features.slash_commands;
    assert.equal(command?.command, '/liveresponse');
    assert.equal(command?.should_escape, false);
  });

  it('offers nothing that is not there yet', () => {
    assert.equal(manifest.settings.socket_mode_enabled, false);
    assert.equal(manifest.settings.token_rotation_enabled, false);
    assert.deepEqual(Object.keys(manifest.settings.interactivity).sort(), [
      'is_enabled',
      'message_menu_options_url',
      'request_url',
    ]);
  });

  it('leads nothing to an address in Socket Mode, and is the same otherwise', () => {
    const socket = JSON.parse(slackManifest('https://live.contoso.com', { socket: true })) as Manifest;
    assert.ok(!JSON.stringify(socket).includes('https://'));
    assert.equal(socket.settings.socket_mode_enabled, true);
    const { oauth_config, display_information } = manifest;
    assert.deepEqual([socket.oauth_config, socket.display_information], [oauth_config, display_information]);
    assert.deepEqual(socket.settings.event_subscriptions, { bot_events: ['app_home_opened', 'app_mention'] });
    assert.equal(socket.features.slash_commands[0]?.command, '/liveresponse');
  });

  it('names its bot user as Slack names people, and its commands and shortcuts once each', () => {
    const { bot_user: bot, slash_commands: commands, shortcuts } = manifest.features;
    assert.match(bot.display_name, /^[a-z0-9._-]{1,80}$/);
    for (const names of [commands.map(({ command }) => command), shortcuts.map(({ callback_id }) => callback_id)])
      assert.equal(new Set(names).size, names.length);
  });

  it('hints at the command in the words of the grammar', () => {
    const [command] = manifest.features.slash_commands;
    for (const usage of String(command?.usage_hint).split(' | ')) {
      const [verb = ''] = usage.split(' ');
      assert.ok(COMMANDS.includes(verb), verb);
      assert.ok(usage === verb || usage === usageOf(verb), usage);
    }
  });

  it('is complete in the repository too, with the placeholder as its address', () => {
    const file = readFileSync(new URL('../../manifests/slack.json', import.meta.url), 'utf8');
    assert.equal(slackManifest('https://bot.example.com'), file);
  });

  it('refuses an address that Slack could not call', () => {
    for (const url of [
      '',
      'bot.example.com',
      'http://bot.example.com',
      'https://bot.example.com/x',
      'https://a@b.example',
      'https://b.example?x',
      'https://b".example',
      'https://$(id).example',
    ]) {
      assert.throws(
        () => slackManifest(url),
        (error: unknown) => error instanceof AppError && error.code === 'config' && error.message.startsWith('--url: '),
        url,
      );
    }
  });
});
