import { useState } from 'react';
import { BOLT, Icon } from '../icons.tsx';
import { send } from '../use-view.ts';

interface ShortcutProps {
  user: string;
  /** The message that it is used on; none for the shortcut of the workspace. */
  message?: { channel: string; ts: string };
}

/** The bot's shortcut, as the manifest has it: Slack keeps it behind the plus sign, or behind the dots of a message. */
export function ShortcutButton({ user, message }: ShortcutProps) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const callbackId = message === undefined ? 'liveresponse_form' : 'liveresponse_message';
  const use = async (): Promise<void> =>
    setTrouble(await send('modal/shortcut', { user, callbackId, ...(message && { message }) }));
  return (
    <>
      <button type="button" className="shortcut" aria-haspopup="dialog" onClick={() => void use()}>
        <Icon path={BOLT} size={14} /> Run live response…
      </button>
      {trouble && (
        <span className="trouble" role="alert">
          ⚠ {trouble}
        </span>
      )}
    </>
  );
}
