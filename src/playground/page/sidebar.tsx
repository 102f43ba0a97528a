import { Avatar } from './avatar.tsx';
import { HOME } from './home-view.tsx';
import { HOUSE, Icon, LOCK } from './icons.tsx';
import { channelName, channelsOf, playable, ROLES } from './people.ts';
import { type Platform, PlatformSwitch } from './platform.tsx';
import { TeamsChoice, TeamsList } from './teams/list.tsx';
import type { Teams } from './teams/use-teams.ts';
import type { Channel, View } from './view.ts';

interface SidebarProps {
  view: View;
  me: string;
  channel: Channel;
  /** The app's Home tab is open instead of a channel. */
  atHome: boolean;
  /** Channels with something new. */
  unread: Set<string>;
  teams: Teams;
  platforms: { platform: Platform; choices: Platform[]; news: Set<Platform>; onChoose: (next: Platform) => void };
  /** A panel lies over it. */
  covered: boolean;
  onBecome: (user: string) => void;
  onOpen: (channel: string) => void;
}

/** Who you are, on which platform, and where there. On a phone it is a switch and two lists to choose from. */
export function Sidebar(props: SidebarProps) {
  const { view, me, channel, atHome, unread, teams, platforms, covered, onBecome, onOpen } = props;
  const channels = channelsOf(view, me);
  const { platform } = platforms;
  return (
    <aside className="sidebar" aria-label="Workspace" inert={covered}>
      <p className="workspace">
        <img src="./icon.svg" alt="" width="28" height="28" />
        <span>
          Contoso <span className="workspace-note">simulated here</span>
        </span>
      </p>
      <PlatformSwitch {...platforms} />
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
        {platform === 'teams' ? (
          <TeamsChoice view={view.teams} teams={teams} />
        ) : (
          <label>
            <span>Channel</span>
            <select value={atHome ? HOME : channel.id} onChange={(event) => onOpen(event.target.value)}>
              {channels.map((one) => (
                <option key={one.id} value={one.id}>
                  {channelName(view, one)}
                  {unread.has(one.id) ? ' •' : ''}
                </option>
              ))}
              <option value={HOME}>Home</option>
            </select>
          </label>
        )}
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
      {platform !== 'teams' && (
        <nav className="channels" aria-label="Channels">
          <h2>Channels</h2>
          {channels.map((one) => (
            <button
              key={one.id}
              type="button"
              className={unread.has(one.id) ? 'channel channel-unread' : 'channel'}
              aria-current={!atHome && one.id === channel.id ? 'page' : undefined}
              onClick={() => onOpen(one.id)}
            >
              {one.kind === 'private' ? <Icon path={LOCK} size={14} /> : <span>{one.kind === 'im' ? '@' : '#'}</span>}
              {one.kind === 'im' ? view.app.name : one.name}
              {unread.has(one.id) && <span className="sr-only">, something new</span>}
            </button>
          ))}
          <button
            type="button"
            className="channel"
            aria-current={atHome ? 'page' : undefined}
            onClick={() => onOpen(HOME)}
          >
            <Icon path={HOUSE} size={14} /> Home
            <span className="sr-only"> of {view.app.name}</span>
          </button>
        </nav>
      )}
      {platform !== 'slack' && <TeamsList view={view.teams} teams={teams} />}
      <p className="sidebar-note">
        Slack, Teams and Defender are simulated on this machine. Two tabs can be two people.
      </p>
    </aside>
  );
}
