import { useState } from 'react';
import { CLOSE, Icon } from '../icons.tsx';
import type { Teams } from './use-teams.ts';
import { BOT, type Person, type TeamsView, wordsOf } from './view.ts';

interface ChatToastProps {
  view: TeamsView;
  teams: Teams;
  person: Person;
}

/** How much of a message stands in the toast. */
const LENGTH = 160;

/** Says that the bot wrote to this person alone while they look at something else, and leads there. */
export function ChatToast({ view, teams, person }: ChatToastProps) {
  const [dismissed, setDismissed] = useState('');
  const chat = teams.conversations.find(({ kind }) => kind === 'personal');
  const last = view.messages.findLast(({ conversation, from }) => conversation === chat?.id && from === BOT);
  const shown = chat && last && teams.unread.has(chat.id) && dismissed !== last.id;
  const words = last ? wordsOf(last) : '';
  return (
    <div className="toast-place" role="status">
      {shown && (
        <div className="toast" key={`${person.id} ${last.id}`}>
          <img className="avatar avatar-small" src="./icon.svg" alt="" />
          <div className="toast-words">
            <p>
              <strong>{view.bot.name}</strong> wrote to you: {words.slice(0, LENGTH)}
              {words.length > LENGTH && '…'}
            </p>
            <button type="button" className="toast-open" onClick={() => teams.open(chat.id)}>
              Open the chat
            </button>
          </div>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => setDismissed(last.id)}>
            <Icon path={CLOSE} size={14} />
          </button>
        </div>
      )}
    </div>
  );
}
