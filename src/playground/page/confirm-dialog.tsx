import { useId, useLayoutEffect, useRef } from 'react';
import { z } from 'zod';

const words = z.looseObject({ text: z.string() });

/** Slack's confirmation object. */
export const ConfirmShape = z.looseObject({
  title: words,
  text: words,
  confirm: words,
  deny: words,
  style: z.enum(['primary', 'danger']).optional(),
});

interface ConfirmDialogProps {
  confirm: z.output<typeof ConfirmShape>;
  onYes: () => void;
  onNo: () => void;
}

/** The question before a button acts: modal, Esc says no, the focus returns to the button. */
export function ConfirmDialog({ confirm, onYes, onNo }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // A layout effect, so that it closes, and gives the page back, before it is taken away.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <h2 id={`${id}-title`}>{confirm.title.text}</h2>
      <p id={`${id}-text`}>{confirm.text.text}</p>
      <div className="confirm-buttons">
        <button type="button" className="action action-plain" onClick={onNo}>
          {confirm.deny.text}
        </button>
        <button type="button" className={`action action-${confirm.style ?? 'primary'}`} onClick={onYes}>
          {confirm.confirm.text}
        </button>
      </div>
    </dialog>
  );
}
