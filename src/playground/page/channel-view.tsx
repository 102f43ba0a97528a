import { Composer } from './composer.tsx';
import { Icon, MOON, SHIELD, SUN } from './icons.tsx';
import { Announcer, MessageList } from './message-list.tsx';
import { type MessageContext, MessageRow } from './message-row.tsx';
import { ANALYST, channelName, memberOf } from './people.ts';
import { Steps } from './steps.tsx';
import { send } from './use-view.ts';
import { type Channel, inChannel, inThread, type View } from './view.ts';

interface ChannelViewProps extends MessageContext {
  channel: Channel;
  online: boolean;
  /** A panel lies over it. */
  covered: boolean;
  threadTs: string | null;
  onThread: (ts: string) => void;
  onBecome: (user: string) => void;
  onTheme: () => void;
  onDefender: () => void;
}

/** The command of the README. */
const EXAMPLE = String.raw`run ws-042 minidump.ps1 OfficeClickToRun then get C:\windows\TEMP\OfficeClickToRun.dmp.zip`;

const IDEAS = [
  { name: 'run + get', words: EXAMPLE },
  { name: 'machines', words: 'machines ws-0' },
  { name: 'library', words: 'library' },
  { name: 'status', words: 'status' },
  { name: 'help', words: 'help' },
];

/** The channel: its messages, and where to type. */
export function ChannelView(props: ChannelViewProps) {
  const { view, me, theme, channel, threadTs, onThread } = props;
  const messages = inChannel(view, channel.id, me);
  const last = messages.at(-1);
  const name = channelName(view, channel);
  const fresh = !view.slack.messages.some((one) => one.user === view.app.userId);
  return (
    <main className="main" inert={props.covered}>
      <header className="main-header">
        <h1>{name}</h1>
        <span className="quiet members">{channel.members.length} members</span>
        <button
          type="button"
          className="icon-button"
          aria-label={`Switch to ${theme === 'dark' ? 'light' : 'dark'} colours`}
          onClick={props.onTheme}
        >
          <Icon path={theme === 'dark' ? SUN : MOON} />
        </button>
        <button
          type="button"
          className="icon-button only-narrow defender-opener"
          data-opens="defender"
          onClick={props.onDefender}
        >
          <Icon path={SHIELD} /> Defender
        </button>
      </header>
      {!props.online && (
        <p className="offline" role="alert">
          The playground can’t be reached; trying again. Is it still running?
        </p>
      )}
      <Steps view={view} me={me} onBecome={props.onBecome} />
      <MessageList label={`Messages in ${name}`} version={`${me} ${messages.length} ${sizeOf(messages)}`}>
        {messages.length === 0 && <Welcome view={view} name={name} />}
        <ul className="messages">
          {messages.map((message) => (
            <MessageRow
              key={message.ts}
              message={message}
              view={view}
              me={me}
              theme={theme}
              {...(message.to === undefined && {
                thread: {
                  replies: inThread(view, message, me),
                  open: message.ts === threadTs,
                  onOpen: () => onThread(message.ts),
                },
              })}
            />
          ))}
        </ul>
      </MessageList>
      <Announcer key={`${me} ${channel.id}`} view={view} messages={last ? everything(view, channel.id, me) : []} />
      <Composer
        key={`${channel.id} ${me}`}
        label={`Message ${name} as ${memberOf(view, me).realName}`}
        placeholder={`Message ${name}, or ${view.command} help`}
        initial={fresh && me === ANALYST ? `${view.command} ${EXAMPLE}` : ''}
        ideas={IDEAS.map(({ name: short, words }) => ({ name: short, line: `${view.command} ${words}` }))}
        onSend={(text) => send('command', { user: me, channel: channel.id, text })}
      />
    </main>
  );
}

function Welcome({ view, name }: { view: View; name: string }) {
  return (
    <div className="welcome">
      <img src="./icon.svg" alt="" width="48" height="48" />
      <h2>This is {name}</h2>
      <p>
        {view.app.name} runs Defender live response from chat: an analyst asks with one line, a lead approves on the
        card, the thread tells the rest. The bot is the real one; Slack and Defender are simulated on this machine.
      </p>
    </div>
  );
}

/** Changes whenever the messages need more or less room. */
const sizeOf = (messages: { text: string }[]): number => messages.reduce((sum, one) => sum + one.text.length, 0);

function everything(view: View, channel: string, me: string) {
  const top = inChannel(view, channel, me);
  return [...top, ...top.flatMap((one) => (one.to === undefined ? inThread(view, one, me) : []))];
}
