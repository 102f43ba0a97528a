import { useEffect, useState } from 'react';
import { View } from './view.ts';

/** The newest view, and whether the server can be reached. */
export function useView(): { view: View | null; online: boolean } {
  const [view, setView] = useState<View | null>(null);
  const [online, setOnline] = useState(true);
  useEffect(() => {
    const events = new EventSource('api/events');
    events.onopen = () => setOnline(true);
    events.onerror = () => setOnline(false);
    events.onmessage = (event: MessageEvent<string>) => {
      const parsed = View.safeParse(JSON.parse(event.data));
      if (parsed.success) setView(parsed.data);
      setOnline(true);
    };
    return () => events.close();
  }, []);
  return { view, online };
}

/** Where the page sends what people do. */
type Path =
  | 'command'
  | 'click'
  | 'speed'
  | 'modal/shortcut'
  | 'modal/suggest'
  | 'modal/press'
  | 'modal/submit'
  | 'modal/close'
  | 'home/open'
  | 'home/press'
  | 'teams/say'
  | 'teams/click'
  | 'teams/look'
  | 'teams/submit'
  | 'teams/dialog'
  | 'teams/close'
  | 'teams/search';

/** An answer of the playground: what it says, or a sentence about what went wrong. */
export type Answer = { body: unknown; trouble: null } | { body: null; trouble: string };

/** Sends JSON to the playground. Never rejects. */
export async function ask(path: Path, body: object): Promise<Answer> {
  try {
    const response = await fetch(`api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { error?: string };
    if (response.ok) return { body: answer, trouble: null };
    return { body: null, trouble: answer.error ?? 'That did not work.' };
  } catch {
    return { body: null, trouble: 'The playground can’t be reached. Is it still running?' };
  }
}

/** Sends something that the bot is told of. Answers null when all went well, else a sentence. */
export async function send(path: Path, body: object): Promise<string | null> {
  const { body: answer, trouble } = await ask(path, body);
  if (trouble !== null) return trouble;
  const { failure } = answer as { failure?: string | null };
  if (failure === 'timeout') return 'The bot did not answer within 3 seconds.';
  return failure ? 'The bot could not be reached, or it failed.' : null;
}
