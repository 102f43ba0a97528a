import { CHAT, Icon, LOCK, PEOPLE } from '../icons.tsx';
import type { Teams } from './use-teams.ts';
import { type Conversation, type TeamsView, titleOf } from './view.ts';

interface ListProps {
  view: TeamsView;
  teams: Teams;
}

/** The team with its channels, and the chats. */
export function TeamsList({ view, teams }: ListProps) {
  const channels = teams.conversations.filter(({ kind }) => kind === 'channel');
  const chats = teams.conversations.filter(({ kind }) => kind !== 'channel');
  return (
    <nav className="channels teams-list" aria-label="Teams">
      <h2>{view.team.name}</h2>
      {channels.map((one) => (
        <Entry key={one.id} view={view} teams={teams} conversation={one} />
      ))}
      <h2>Chat</h2>
      {chats.map((one) => (
        <Entry key={one.id} view={view} teams={teams} conversation={one} />
      ))}
    </nav>
  );
}

function Entry({ view, teams, conversation }: ListProps & { conversation: Conversation }) {
  const fresh = teams.unread.has(conversation.id);
  return (
    <button
      type="button"
      className={fresh ? 'channel channel-unread' : 'channel'}
      aria-current={conversation.id === teams.conversation?.id ? 'page' : undefined}
      onClick={() => teams.open(conversation.id)}
    >
      <Mark conversation={conversation} />
      {titleOf(view, conversation)}
      {fresh && <span className="sr-only">, something new</span>}
    </button>
  );
}

/** What kind of conversation it is; the words are for those who don't see the drawing. */
function Mark({ conversation: { kind, membership } }: { conversation: Conversation }) {
  if (kind === 'personal') return <Icon path={CHAT} size={14} />;
  if (kind === 'groupChat') return <Icon path={PEOPLE} size={14} />;
  if (membership === 'private') return <Icon path={LOCK} size={14} />;
  if (membership === 'shared') return <Icon path={PEOPLE} size={14} />;
  return <span aria-hidden="true">#</span>;
}

/** The same as one list, for phones. */
export function TeamsChoice({ view, teams }: ListProps) {
  return (
    <label>
      <span>Channel or chat</span>
      <select value={teams.conversation?.id} onChange={(event) => teams.open(event.target.value)}>
        {teams.conversations.map((one) => (
          <option key={one.id} value={one.id}>
            {titleOf(view, one)}
            {teams.unread.has(one.id) ? ' •' : ''}
          </option>
        ))}
      </select>
    </label>
  );
}
