import { type MouseEvent, useCallback, useEffect, useState } from 'react';
import { Blocks } from './blocks.tsx';
import type { Press } from './buttons.tsx';
import { HeaderTools, type HeaderToolsProps } from './header-tools.tsx';
import type { MessageContext } from './message-row.tsx';
import { Offline } from './offline.tsx';
import { send } from './use-view.ts';

/** Stands for the Home tab among the ids of channels. */
export const HOME = 'home';

/** Where Slack's permalinks lead: the channel and the message. */
const PERMALINK = /\/archives\/(\w+)\/p\d+/;

interface HomeViewProps extends MessageContext, HeaderToolsProps {
  online: boolean;
  /** A panel lies over it. */
  covered: boolean;
  /** Nothing else is beside it. */
  alone: boolean;
  onChannel: (channel: string) => void;
}

/** The app's Home tab, as the bot shows it to this person: asked for anew each time it is opened. */
export function HomeView(props: HomeViewProps) {
  const { view, me, theme, onChannel } = props;
  const [trouble, setTrouble] = useState<string | null>(null);
  const tab = view.slack.homes.find(({ user }) => user === me);
  useEffect(() => {
    let gone = false;
    void send('home/open', { user: me }).then((words) => !gone && setTrouble(words));
    return () => {
      gone = true;
    };
  }, [me]);
  const onPress = useCallback<Press>(
    (actionId, value) => send('home/press', { user: me, actionId, ...(value ? { value } : {}) }),
    [me],
  );
  /** A card is in a channel of this page; its address is one of the real Slack. */
  const follow = (event: MouseEvent): void => {
    const address = (event.target as Element).closest('a')?.href ?? '';
    const [, channel] = PERMALINK.exec(address) ?? [];
    if (channel === undefined) return;
    event.preventDefault();
    onChannel(channel);
  };
  return (
    <main className="main" inert={props.covered} onClickCapture={follow}>
      <header className="main-header">
        <h1>{view.app.name}</h1>
        <span className="quiet members">Home</span>
        {props.alone && <HeaderTools theme={theme} onTheme={props.onTheme} onDefender={props.onDefender} />}
      </header>
      <Offline online={props.online} />
      {trouble && (
        <p className="trouble home-trouble" role="alert">
          ⚠ {trouble}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard. */}
      <section className="panel-scroll home" aria-label={`Home of ${view.app.name}`} tabIndex={0}>
        {tab ? (
          <Blocks
            message={{ text: '', blocks: tab.view.blocks }}
            members={view.slack.members}
            me={me}
            theme={theme}
            onPress={onPress}
          />
        ) : (
          <p className="quiet" role="status">
            Opening…
          </p>
        )}
      </section>
    </main>
  );
}
