import { useCallback, useEffect, useState } from 'react';
import { CLOSE, Icon } from '../icons.tsx';
import { ask } from '../use-view.ts';
import { Card } from './card.tsx';
import type { Pressed } from './draw-card.ts';
import { RichText } from './rich-text.tsx';
import { search } from './send.ts';
import {
  asksForRefresh,
  authorOf,
  cardFor,
  type Message,
  type Notice,
  noticeFor,
  type Person,
  type TeamsView,
} from './view.ts';

interface MessageBodyProps {
  view: TeamsView;
  person: Person;
  message: Message;
}

/** The words of a message, its card as this person sees it, and what Teams tells them alone about it. */
export function MessageBody({ view, person, message }: MessageBodyProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const card = cardFor(view, message, person.id);
  const notice = noticeFor(view, message, person.id);
  useOwnView(message, person);

  const { id } = message;
  const onPress = useCallback(
    async ({ type, index, inputs }: Pressed): Promise<void> => {
      setBusy(true);
      const path = type === 'Action.Execute' ? 'teams/click' : 'teams/submit';
      setTrouble((await ask(path, { person: person.id, message: id, index, inputs })).trouble);
      setBusy(false);
    },
    [person.id, id],
  );
  const find = useCallback(
    (dataset: string, query: string) => search({ person: person.id, dataset, query, message: id }),
    [person.id, id],
  );

  return (
    <>
      {message.text !== null && message.text !== '' && <RichText message={message} myName={person.name} />}
      {card !== null && (
        <Card
          card={card}
          label={`Card from ${authorOf(view, message).name}`}
          myName={person.name}
          busy={busy}
          onPress={onPress}
          search={find}
        />
      )}
      {trouble && (
        <p className="trouble" role="alert">
          ⚠ {trouble}
        </p>
      )}
      {notice && <OwnNotice key={notice.at} notice={notice} edits={message.edits} />}
    </>
  );
}

/** Teams asks for somebody's own view as soon as they have the card before them, and after each edit. */
function useOwnView(message: Message, person: Person): void {
  const { id, edits } = message;
  const asks = asksForRefresh(message);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an edit takes the own view away.
  useEffect(() => {
    if (asks) void ask('teams/look', { person: person.id, message: id });
  }, [asks, person.id, id, edits]);
}

/** So long a notice stays at least, and so long at most for whoever comes back to it, in milliseconds. */
const READING = 5000;
const MOMENT = 30_000;

/** What Teams says to the clicker alone; it goes when they have read it, or when the card itself has moved on. */
function OwnNotice({ notice, edits }: { notice: Notice; edits: number }) {
  const [read, setRead] = useState(() => Date.now() - notice.at > MOMENT);
  const [before] = useState(edits);
  useEffect(() => {
    if (edits === before) return;
    const timer = setTimeout(() => setRead(true), notice.at + READING - Date.now());
    return () => clearTimeout(timer);
  }, [edits, before, notice.at]);
  if (read) return null;
  return (
    <div className="own-notice" data-error={notice.error}>
      <p role={notice.error ? 'alert' : 'status'}>
        <span className="sr-only">Only visible to you: </span>
        {notice.text}
      </p>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => setRead(true)}>
        <Icon path={CLOSE} size={14} />
      </button>
    </div>
  );
}
