import { useRef, useState } from 'react';
import { z } from 'zod';
import { ConfirmDialog, ConfirmShape } from './confirm-dialog.tsx';
import type { Block } from './view.ts';

const words = z.looseObject({ text: z.string() });
const ButtonShape = z.looseObject({
  type: z.literal('button'),
  action_id: z.string(),
  value: z.string().optional(),
  url: z.string().optional(),
  text: words,
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: z.string().optional(),
  confirm: ConfirmShape.optional(),
});
const Row = z.looseObject({ elements: z.array(z.unknown()) });

type ShownButton = z.output<typeof ButtonShape>;

/** Sends a click; answers null, or a sentence about what went wrong. */
export type Press = (actionId: string, value: string | undefined) => Promise<string | null>;

/** A row of buttons that work. */
export function ActionsRow({ block, onPress }: { block: Block | undefined; onPress: Press }) {
  const row = Row.safeParse(block);
  const buttons = (row.success ? row.data.elements : []).flatMap((element) => {
    const button = ButtonShape.safeParse(element);
    return button.success ? [button.data] : [];
  });
  return (
    <div className="actions">
      {buttons.map((button) => (
        <ActionButton key={`${button.action_id} ${button.value ?? ''}`} button={button} onPress={onPress} />
      ))}
    </div>
  );
}

function ActionButton({ button, onPress }: { button: ShownButton; onPress: Press }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const element = useRef<HTMLButtonElement>(null);

  const endAsking = (): void => {
    setAsking(false);
    element.current?.focus();
  };
  const press = async (): Promise<void> => {
    endAsking();
    if (button.url !== undefined && /^https?:/.test(button.url)) window.open(button.url, '_blank', 'noopener');
    setBusy(true);
    setTrouble(await onPress(button.action_id, button.value));
    setBusy(false);
  };
  const begin = (): void => {
    if (busy) return;
    if (button.confirm) setAsking(true);
    else void press();
  };

  return (
    <>
      <button
        ref={element}
        type="button"
        className={`action action-${button.style ?? 'plain'}`}
        aria-label={button.accessibility_label}
        aria-disabled={busy}
        aria-haspopup={button.confirm ? 'dialog' : undefined}
        onClick={begin}
      >
        {button.text.text}
      </button>
      {trouble && (
        <span className="trouble" role="alert">
          ⚠ {trouble}
        </span>
      )}
      {asking && button.confirm && (
        <ConfirmDialog confirm={button.confirm} onYes={() => void press()} onNo={endAsking} />
      )}
    </>
  );
}
