import { useCallback } from 'react';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import type { Press } from './buttons.tsx';
import { EYE, Icon } from './icons.tsx';
import { ShortcutButton } from './modal/shortcuts.tsx';
import { memberOf } from './people.ts';
import { clock, momentOf, whole } from './time.ts';
import { send } from './use-view.ts';
import type { Message, View } from './view.ts';

export interface MessageContext {
  view: View;
  me: string;
  theme: 'light' | 'dark';
}

interface MessageRowProps extends MessageContext {
  message: Message;
  /** Replies below it, and how to open them; left out where threads aren't shown. */
  thread?: { replies: Message[]; open: boolean; onOpen: () => void };
}

/** One message: who, when, the words, the way into its thread. */
export function MessageRow({ message, thread, ...context }: MessageRowProps) {
  const { view, me, theme } = context;
  const author = memberOf(view, message.user);
  const at = momentOf(message.ts);
  const onPress = useCallback<Press>(
    (actionId, value) =>
      send('click', { user: me, channel: message.channel, ts: message.ts, actionId, ...(value ? { value } : {}) }),
    [me, message.channel, message.ts],
  );
  return (
    <li className={message.to ? 'message message-private' : 'message'} data-ts={message.ts}>
      <Avatar member={author} />
      <div className="message-body">
        {message.to && (
          <p className="only-you">
            <Icon path={EYE} size={14} /> Only visible to you
          </p>
        )}
        <p className="byline">
          <strong>{author.realName}</strong>
          {author.bot && <span className="app-badge">App</span>}
          <time dateTime={new Date(at).toISOString()} title={whole(at)}>
            {clock(at)}
          </time>
        </p>
        <Blocks message={message} members={view.slack.members} me={me} theme={theme} onPress={onPress} />
        {!author.bot && message.to === undefined && (
          <ShortcutButton user={me} message={{ channel: message.channel, ts: message.ts }} />
        )}
        {thread && thread.replies.length > 0 && <ThreadLink view={view} message={message} {...thread} />}
      </div>
    </li>
  );
}

interface ThreadLinkProps {
  view: View;
  message: Message;
  replies: Message[];
  open: boolean;
  onOpen: () => void;
}

function ThreadLink({ view, message, replies, open, onOpen }: ThreadLinkProps) {
  const last = replies.at(-1);
  const authors = [...new Set(replies.map((reply) => reply.user))].slice(0, 3);
  return (
    <button type="button" className="thread-link" aria-expanded={open} data-thread={message.ts} onClick={onOpen}>
      {authors.map((id) => (
        <Avatar key={id} member={memberOf(view, id)} size="small" />
      ))}
      <strong>{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</strong>
      {last && <span className="quiet">last at {clock(momentOf(last.ts))}</span>}
    </button>
  );
}
