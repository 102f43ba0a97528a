import { Avatar } from './avatar.tsx';
import { Icon, LOCK } from './icons.tsx';
import { channelName, channelsOf, playable, ROLES } from './people.ts';
import type { Channel, View } from './view.ts';

interface SidebarProps {
  view: View;
  me: string;
  channel: Channel;
  /** Channels with something new. */
  unread: Set<string>;
  /** A panel lies over it. */
  covered: boolean;
  onBecome: (user: string) => void;
  onOpen: (channel: string) => void;
}

/** Workspace, channels, and who you are. On a phone it is one row with two lists to choose from. */
export function Sidebar({ view, me, channel, unread, covered, onBecome, onOpen }: SidebarProps) {
  const channels = channelsOf(view, me);
  return (
    <aside className="sidebar" aria-label="Workspace" inert={covered}>
      <p className="workspace">
        <img src="./icon.svg" alt="" width="28" height="28" />
        <span>
          Contoso <span className="workspace-note">simulated Slack</span>
        </span>
      </p>
      <div className="phone-choices">
        <label>
          <span>You are</span>
          <select value={me} onChange={(event) => onBecome(event.target.value)}>
            {playable(view).map((member) => (
              <option key={member.id} value={member.id}>
                {member.realName}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Channel</span>
          <select value={channel.id} onChange={(event) => onOpen(event.target.value)}>
            {channels.map((one) => (
              <option key={one.id} value={one.id}>
                {channelName(view, one)}
                {unread.has(one.id) ? ' •' : ''}
              </option>
            ))}
          </select>
        </label>
      </div>
      <fieldset className="people">
        <legend>You are</legend>
        {playable(view).map((member) => (
          <label key={member.id} className={member.id === me ? 'person person-me' : 'person'}>
            <input
              type="radio"
              name="me"
              className="sr-only"
              checked={member.id === me}
              onChange={() => onBecome(member.id)}
            />
            <Avatar member={member} />
            <span>
              <span className="person-name">{member.realName}</span>
              <span className="person-role">{ROLES[member.id]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <nav className="channels" aria-label="Channels">
        <h2>Channels</h2>
        {channels.map((one) => (
          <button
            key={one.id}
            type="button"
            className={unread.has(one.id) ? 'channel channel-unread' : 'channel'}
            aria-current={one.id === channel.id ? 'page' : undefined}
            onClick={() => onOpen(one.id)}
          >
            {one.kind === 'private' ? <Icon path={LOCK} size={14} /> : <span>{one.kind === 'im' ? '@' : '#'}</span>}
            {one.kind === 'im' ? view.app.name : one.name}
            {unread.has(one.id) && <span className="sr-only">, something new</span>}
          </button>
        ))}
      </nav>
      <p className="sidebar-note">Slack and Defender are simulated on this machine. Two tabs can be two people.</p>
    </aside>
  );
}
