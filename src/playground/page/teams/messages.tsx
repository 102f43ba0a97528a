import { useState } from 'react';
import { Avatar } from '../avatar.tsx';
import { Composer } from '../composer.tsx';
import { Icon, REPLY } from '../icons.tsx';
import { clock, whole } from '../time.ts';
import { MessageBody } from './message-body.tsx';
import { say } from './send.ts';
import { authorOf, type Conversation, type Message, type Person, postsIn, repliesTo, type TeamsView } from './view.ts';

interface MessagesProps {
  view: TeamsView;
  person: Person;
  conversation: Conversation;
}

/** The posts of a channel, each with its replies; or the messages of a chat. */
export function Messages({ view, person, conversation }: MessagesProps) {
  const posts = postsIn(view, conversation.id);
  if (conversation.kind === 'channel') {
    return (
      <ul className="posts">
        {posts.map((post) => (
          <Post key={post.id} view={view} person={person} post={post} />
        ))}
      </ul>
    );
  }
  return (
    <ul className="chat">
      {posts.map((message) => (
        <li key={message.id} className={message.from === person.id ? 'chat-message chat-mine' : 'chat-message'}>
          <Written view={view} person={person} message={message} />
        </li>
      ))}
    </ul>
  );
}

function Post({ view, person, post }: { view: TeamsView; person: Person; post: Message }) {
  const replies = repliesTo(view, post);
  return (
    <li className="post">
      <div className="post-first">
        <Written view={view} person={person} message={post} />
      </div>
      {replies.length > 0 && (
        <ul className="replies" aria-label={replies.length === 1 ? '1 reply' : `${replies.length} replies`}>
          {replies.map((reply) => (
            <li key={reply.id}>
              <Written view={view} person={person} message={reply} />
            </li>
          ))}
        </ul>
      )}
      <Reply key={person.id} view={view} person={person} post={post} />
    </li>
  );
}

/** One message: who, when, what. */
function Written({ view, person, message }: { view: TeamsView; person: Person; message: Message }) {
  const author = authorOf(view, message);
  return (
    <article className="teams-message" aria-label={`${author.name}, ${clock(message.at)}`} data-id={message.id}>
      <Avatar member={{ realName: author.name, bot: author.bot }} size="round" />
      <div className="teams-message-body">
        <p className="byline">
          <strong>{author.name}</strong>
          {author.bot && <span className="app-badge">App</span>}
          <time dateTime={new Date(message.at).toISOString()} title={whole(message.at)}>
            {clock(message.at)}
          </time>
          {message.edits > 0 && message.text !== null && <span className="quiet">Edited</span>}
        </p>
        <MessageBody view={view} person={person} message={message} />
      </div>
    </article>
  );
}

/** A button that becomes a field. */
function Reply({ view, person, post }: { view: TeamsView; person: Person; post: Message }) {
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <button type="button" className="reply-button" onClick={() => setOpen(true)}>
        <Icon path={REPLY} size={16} /> Reply
      </button>
    );
  }
  return (
    <Composer
      focused
      label={`Reply as ${person.name}`}
      placeholder={`Reply, or @${view.bot.name} status`}
      mention={view.bot.name}
      onCancel={() => setOpen(false)}
      onSend={(text) => say(view, { person: person.id, conversation: post.conversation, text, root: post.id })}
    />
  );
}
