import { Composer } from '../composer.tsx';
import { HeaderTools, type HeaderToolsProps } from '../header-tools.tsx';
import { EXAMPLE, ideasWith } from '../ideas.ts';
import { Announcer, MessageList, type Said } from '../message-list.tsx';
import { Offline } from '../offline.tsx';
import { ANALYST } from '../people.ts';
import { Steps } from '../steps.tsx';
import type { View } from '../view.ts';
import { ChatToast } from './chat-toast.tsx';
import { Messages } from './messages.tsx';
import { say } from './send.ts';
import { TaskDialog } from './task-dialog.tsx';
import type { Teams } from './use-teams.ts';
import { authorOf, BOT, type Conversation, dialogFor, type Message, type Person, titleOf, wordsOf } from './view.ts';

interface TeamsPaneProps extends HeaderToolsProps {
  view: View;
  me: string;
  teams: Teams;
  online: boolean;
  /** A panel lies over it. */
  covered: boolean;
  /** Nothing else is beside it. */
  alone: boolean;
  onBecome: (user: string) => void;
}

/** Teams: a channel with its posts and their replies, or a chat; and the dialog that is open for this person. */
export function TeamsPane({ alone, covered, ...props }: TeamsPaneProps) {
  const { teams } = props;
  const content = teams.person && teams.conversation && (
    <Content {...props} person={teams.person} conversation={teams.conversation} alone={alone} />
  );
  const nobody = <p className="welcome">Nobody of this name is in the team.</p>;
  return alone ? (
    <main className="teams" inert={covered}>
      {content ?? nobody}
    </main>
  ) : (
    <section className="teams" aria-label="Microsoft Teams" inert={covered}>
      {content ?? nobody}
    </section>
  );
}

interface ContentProps extends Omit<TeamsPaneProps, 'covered'> {
  person: Person;
  conversation: Conversation;
}

function Content(props: ContentProps) {
  const { view, me, teams, person, conversation, alone } = props;
  const messages = view.teams.messages.filter((one) => one.conversation === conversation.id);
  const title = titleOf(view.teams, conversation);
  const channel = conversation.kind === 'channel';
  const name = view.teams.bot.name;
  const prefix = conversation.kind === 'personal' ? '' : `@${name} `;
  const fresh = !view.teams.messages.some(({ from }) => from === BOT);
  const dialog = dialogFor(view.teams, person.id);
  return (
    <>
      <header className="main-header teams-header">
        <span className="teams-mark" data-kind={conversation.kind} aria-hidden="true">
          {conversation.kind === 'personal' ? <img src="./icon.svg" alt="" /> : title[0]}
        </span>
        <h1>{title}</h1>
        <span className="teams-tab">{channel ? 'Posts' : 'Chat'}</span>
        <span className="quiet members">{membersOf(conversation)}</span>
        <HeaderTools theme={props.theme} onTheme={props.onTheme} onDefender={props.onDefender} />
      </header>
      <Offline online={props.online} />
      {alone && <Steps view={view} me={me} onBecome={props.onBecome} />}
      <MessageList label={`${channel ? 'Posts' : 'Messages'} in ${title}`} version={versionOf(props, messages)}>
        {messages.length === 0 && <Welcome name={name} title={title} conversation={conversation} />}
        <Messages view={view.teams} person={person} conversation={conversation} />
      </MessageList>
      <Announcer key={`${person.id} ${conversation.id}`} messages={messages.map((one) => saidIn(view, one))} />
      <ChatToast view={view.teams} teams={teams} person={person} />
      <Composer
        key={`${conversation.id} ${person.id}`}
        label={`${channel ? 'Start a post in' : 'Message'} ${title} as ${person.name}`}
        placeholder={`${channel ? 'Start a post in' : 'Message'} ${title}, or ${prefix}help`}
        initial={fresh && channel && me === ANALYST ? `${prefix}${EXAMPLE}` : ''}
        ideas={[...ideasWith(prefix.trim()), { name: 'form', line: prefix === '' ? 'run' : prefix }]}
        {...(conversation.kind !== 'personal' && { mention: name })}
        onSend={(text) => say(view.teams, { person: person.id, conversation: conversation.id, text, root: null })}
      />
      {dialog && <TaskDialog key={person.id} dialog={dialog} person={person} />}
    </>
  );
}

function membersOf({ kind, members }: Conversation): string {
  if (kind === 'personal') return 'App';
  return `${members.length} members`;
}

interface WelcomeProps {
  name: string;
  title: string;
  conversation: Conversation;
}

function Welcome({ name, title, conversation }: WelcomeProps) {
  const personal = conversation.kind === 'personal';
  return (
    <div className="welcome">
      <img src="./icon.svg" alt="" width="48" height="48" />
      <h2>{personal ? `Your chat with ${name}` : `This is ${title}`}</h2>
      <p>
        {conversation.installed
          ? `${name} runs Defender live response from chat: an analyst asks with one line${personal ? '' : ' that mentions it'}, a lead approves on the card, the replies tell the rest. The bot is the real one; Teams and Defender are simulated on this machine.`
          : `The app isn’t installed here, so ${name} hears nothing of what is said.`}
      </p>
    </div>
  );
}

const saidIn = (view: View, message: Message): Said => ({
  id: message.id,
  author: authorOf(view.teams, message).name,
  words: wordsOf(message),
});

/** Changes whenever the messages need more or less room. */
function versionOf({ view, person, conversation }: ContentProps, messages: Message[]): string {
  const edits = messages.reduce((sum, one) => sum + one.edits, 0);
  const own = view.teams.personalViews.length + view.teams.notices.length;
  return `${person.id} ${conversation.id} ${messages.length} ${edits} ${own}`;
}
