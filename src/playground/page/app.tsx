import { lazy, Suspense, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { ChannelView } from './channel-view.tsx';
import { readTenant } from './defender.ts';
import { DefenderPanel } from './defender-panel.tsx';
import { HOME, HomeView } from './home-view.tsx';
import { ANALYST, channelName, channelsOf } from './people.ts';
import { type Platform, usePlatform } from './platform.tsx';
import { useRemembered } from './remember.ts';
import { Sidebar } from './sidebar.tsx';
import { useTeams } from './teams/use-teams.ts';
import { useTheme } from './theme.ts';
import { ThreadPanel } from './thread-panel.tsx';
import { useMedia } from './use-media.ts';
import { useUnread } from './use-unread.ts';
import { useView } from './use-view.ts';
import { inChannel, type View } from './view.ts';

/** With the renderer of cards, which is large: fetched when it is called for. */
const TeamsPane = lazy(async () => ({ default: (await import('./teams/pane.tsx')).TeamsPane }));

/** The page: workspace and team, conversation, thread, and what Defender saw. */
export function App() {
  const { view, online } = useView();
  const { theme, toggle } = useTheme();
  return view ? (
    <Workspace view={view} online={online} theme={theme} onTheme={toggle} />
  ) : (
    <p className="loading" role="status">
      {online ? 'Opening the playground…' : 'The playground can’t be reached. Is it still running?'}
    </p>
  );
}

interface WorkspaceProps {
  view: View;
  online: boolean;
  theme: 'light' | 'dark';
  onTheme: () => void;
}

function Workspace({ view, online, theme, onTheme }: WorkspaceProps) {
  // Each tab is its own person, so that two tabs can be two people.
  const [me, setMe] = useRemembered('me', ANALYST, 'tab');
  const { platform, choices, setPlatform } = usePlatform();
  const [wanted, setChannel] = useState('C0SOC');
  const [threadTs, setThreadTs] = useState<string | null>(null);
  const [defenderOpen, setDefenderOpen] = useState(false);
  const tenant = useMemo(() => readTenant(view.defender), [view]);

  const atHome = wanted === HOME;
  const mine = channelsOf(view, me);
  const channel = mine.find((one) => one.id === wanted) ?? mine[0];
  const latest = useMemo(() => latestIn(view, me), [view, me]);
  const unread = useUnread(latest, me, platform === 'teams' || atHome ? null : (channel?.id ?? null));
  const teams = useTeams(view, me, platform !== 'slack');
  const parent =
    platform === 'teams' || atHome
      ? undefined
      : view.slack.messages.find((one) => one.ts === threadTs && one.channel === channel?.id);

  // Where panels cover the channel, only the panel can be reached; the width is that of layout.css.
  const covered = useMedia('(max-width: 999px)') && (parent !== undefined || defenderOpen);

  // What was covered takes the focus again only once it is uncovered, hence at once.
  const closeThread = (): void => {
    flushSync(() => setThreadTs(null));
    document.querySelector<HTMLElement>(`[data-thread="${threadTs}"]`)?.focus();
  };
  const closeDefender = (): void => {
    flushSync(() => setDefenderOpen(false));
    document.querySelector<HTMLElement>('[data-opens="defender"]')?.focus();
  };

  if (!channel) return null;
  const context = { view, me, theme };
  const pane = { online, covered, theme, onTheme, onBecome: setMe, onDefender: () => setDefenderOpen(true) };
  const news = new Set<Platform>([
    ...(platform === 'teams' && unread.size > 0 ? (['slack'] as const) : []),
    ...(platform === 'slack' && teams.unread.size > 0 ? (['teams'] as const) : []),
  ]);
  return (
    <div
      className="app"
      data-platform={platform}
      data-thread-open={parent !== undefined}
      data-defender-open={defenderOpen}
    >
      <Sidebar
        view={view}
        me={me}
        channel={channel}
        atHome={atHome}
        unread={unread}
        teams={teams}
        platforms={{ platform, choices, news, onChoose: setPlatform }}
        covered={covered}
        onBecome={setMe}
        onOpen={setChannel}
      />
      {platform !== 'teams' && atHome && (
        <HomeView {...context} {...pane} alone={platform === 'slack'} onChannel={setChannel} />
      )}
      {platform !== 'teams' && !atHome && (
        <ChannelView
          {...context}
          {...pane}
          channel={channel}
          alone={platform === 'slack'}
          threadTs={threadTs}
          onThread={setThreadTs}
        />
      )}
      {platform !== 'slack' && (
        <Suspense fallback={<p className="loading">Opening Teams…</p>}>
          <TeamsPane {...pane} view={view} me={me} teams={teams} alone={platform === 'teams'} />
        </Suspense>
      )}
      {parent && (
        <ThreadPanel {...context} parent={parent} channel={channelName(view, channel)} onClose={closeThread} />
      )}
      <DefenderPanel tenant={tenant} open={defenderOpen} onClose={closeDefender} />
    </div>
  );
}

/** The newest message of each channel of this person. */
const latestIn = (view: View, me: string): Map<string, string> =>
  new Map(channelsOf(view, me).map(({ id }) => [id, inChannel(view, id, me).at(-1)?.ts ?? '']));
