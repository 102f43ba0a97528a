import { useEffect, useRef } from 'react';
import { Composer } from './composer.tsx';
import { CLOSE, Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { type MessageContext, MessageRow } from './message-row.tsx';
import { send } from './use-view.ts';
import { inThread, type Message } from './view.ts';

interface ThreadPanelProps extends MessageContext {
  parent: Message;
  channel: string;
  onClose: () => void;
}

/** A message and its replies. It takes the focus when it opens; Esc closes it. */
export function ThreadPanel({ parent, channel, onClose, ...context }: ThreadPanelProps) {
  const close = useRef<HTMLButtonElement>(null);
  const replies = inThread(context.view, parent, context.me);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another thread takes the focus again.
  useEffect(() => close.current?.focus(), [parent.ts]);
  return (
    <aside
      className="panel thread"
      aria-label="Thread"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      <header className="panel-header">
        <h2>
          Thread <span className="quiet">{channel}</span>
        </h2>
        <button type="button" ref={close} className="icon-button" aria-label="Close the thread" onClick={onClose}>
          <Icon path={CLOSE} />
        </button>
      </header>
      <MessageList label="Replies" version={`${parent.ts} ${replies.length} ${replies.at(-1)?.text.length ?? 0}`}>
        <ul className="messages">
          <MessageRow message={parent} {...context} />
        </ul>
        <p className="reply-count">{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</p>
        <ul className="messages">
          {replies.map((reply) => (
            <MessageRow key={reply.ts} message={reply} {...context} />
          ))}
        </ul>
      </MessageList>
      <Composer
        key={parent.ts}
        label="Reply in the thread"
        placeholder="Reply in the thread"
        onSend={(text) => send('command', { user: context.me, channel: parent.channel, text, threadTs: parent.ts })}
      />
    </aside>
  );
}
