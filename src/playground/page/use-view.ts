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

/** Sends JSON to the playground. Answers null when all went well, else a sentence. */
export async function send(path: 'command' | 'click' | 'speed', body: object): Promise<string | null> {
  try {
    const response = await fetch(`api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { error?: string; failure?: string | null };
    if (answer.failure === 'timeout') return 'The bot did not answer within 3 seconds.';
    if (answer.failure) return 'The bot could not be reached, or it failed.';
    return response.ok ? null : (answer.error ?? 'That did not work.');
  } catch {
    return 'The playground can’t be reached. Is it still running?';
  }
}
