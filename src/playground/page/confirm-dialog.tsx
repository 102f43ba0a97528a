import { useId, useLayoutEffect, useRef } from 'react';
import type { Confirmation } from './buttons.tsx';

interface ConfirmDialogProps {
  confirm: Confirmation;
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
