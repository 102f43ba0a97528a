import { useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { ChannelView } from './channel-view.tsx';
import { readTenant } from './defender.ts';
import { DefenderPanel } from './defender-panel.tsx';
import { ANALYST, channelName, channelsOf } from './people.ts';
import { useRemembered } from './remember.ts';
import { Sidebar } from './sidebar.tsx';
import { useTheme } from './theme.ts';
import { ThreadPanel } from './thread-panel.tsx';
import { useMedia } from './use-media.ts';
import { useUnread } from './use-unread.ts';
import { useView } from './use-view.ts';
import type { View } from './view.ts';

/** The page: workspace, channel, thread, and what Defender saw. */
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
  const [wanted, setChannel] = useState('C0SOC');
  const [threadTs, setThreadTs] = useState<string | null>(null);
  const [defenderOpen, setDefenderOpen] = useState(false);
  const tenant = useMemo(() => readTenant(view.defender), [view]);

  const mine = channelsOf(view, me);
  const channel = mine.find((one) => one.id === wanted) ?? mine[0];
  const unread = useUnread(view, me, channel?.id ?? '');
  const parent = view.slack.messages.find((one) => one.ts === threadTs && one.channel === channel?.id);
  const context = { view, me, theme };

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
  return (
    <div className="app" data-thread-open={parent !== undefined} data-defender-open={defenderOpen}>
      <Sidebar
        view={view}
        me={me}
        channel={channel}
        unread={unread}
        covered={covered}
        onBecome={setMe}
        onOpen={setChannel}
      />
      <ChannelView
        {...context}
        channel={channel}
        online={online}
        covered={covered}
        threadTs={threadTs}
        onThread={setThreadTs}
        onBecome={setMe}
        onTheme={onTheme}
        onDefender={() => setDefenderOpen(true)}
      />
      {parent && (
        <ThreadPanel {...context} parent={parent} channel={channelName(view, channel)} onClose={closeThread} />
      )}
      <DefenderPanel tenant={tenant} open={defenderOpen} onClose={closeDefender} />
    </div>
  );
}
