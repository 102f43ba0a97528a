import { Composer } from './composer.tsx';
import { HeaderTools, type HeaderToolsProps } from './header-tools.tsx';
import { EXAMPLE, ideasWith } from './ideas.ts';
import { Announcer, MessageList, type Said } from './message-list.tsx';
import { type MessageContext, MessageRow } from './message-row.tsx';
import { ModalDialog } from './modal/modal.tsx';
import { ShortcutButton } from './modal/shortcuts.tsx';
import { Offline } from './offline.tsx';
import { ANALYST, channelName, memberOf } from './people.ts';
import { Steps } from './steps.tsx';
import { send } from './use-view.ts';
import { type Channel, inChannel, inThread, type View } from './view.ts';

interface ChannelViewProps extends MessageContext, HeaderToolsProps {
  channel: Channel;
  online: boolean;
  /** A panel lies over it. */
  covered: boolean;
  /** Nothing else is beside it. */
  alone: boolean;
  threadTs: string | null;
  onThread: (ts: string) => void;
  onBecome: (user: string) => void;
}

/** The channel: its messages, and where to type. */
export function ChannelView(props: ChannelViewProps) {
  const { view, me, theme, channel, threadTs, onThread } = props;
  const messages = inChannel(view, channel.id, me);
  const name = channelName(view, channel);
  const modal = view.slack.modals.find(({ user }) => user === me);
  const fresh = !view.slack.messages.some((one) => one.user === view.app.userId);
  return (
    <main className="main" inert={props.covered}>
      <header className="main-header">
        <h1>{name}</h1>
        <span className="quiet members">{channel.members.length} members</span>
        {props.alone && <HeaderTools theme={theme} onTheme={props.onTheme} onDefender={props.onDefender} />}
      </header>
      <Offline online={props.online} />
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
      <Announcer key={`${me} ${channel.id}`} messages={said(view, channel.id, me)} />
      <Composer
        key={`${channel.id} ${me}`}
        label={`Message ${name} as ${memberOf(view, me).realName}`}
        placeholder={`Message ${name}, or ${view.command} help`}
        initial={fresh && me === ANALYST ? `${view.command} ${EXAMPLE}` : ''}
        ideas={[...ideasWith(view.command), { name: 'form', line: view.command }]}
        more={<ShortcutButton user={me} />}
        onSend={(text) => send('command', { user: me, channel: channel.id, text })}
      />
      {modal && <ModalDialog key={modal.id} modal={modal} />}
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

/** Everything that this person sees there, threads included. */
function said(view: View, channel: string, me: string): Said[] {
  const top = inChannel(view, channel, me);
  const all = [...top, ...top.flatMap((one) => (one.to === undefined ? inThread(view, one, me) : []))];
  return all.map(({ ts, user, text }) => ({ id: ts, author: memberOf(view, user).realName, words: text }));
}
