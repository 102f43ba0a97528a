import { useId, useLayoutEffect, useRef, useState } from 'react';
import { CLOSE, Icon } from '../icons.tsx';
import { ask } from '../use-view.ts';
import { ModalBlock } from './block.tsx';
import { heldIn, type Input, type Modal } from './view.ts';

interface ModalDialogProps {
  modal: Modal;
}

/** A modal of the bot: Esc closes it, the focus returns to where it came from. */
export function ModalDialog({ modal }: ModalDialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const [entered, setEntered] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const id = useId();
  const { user, view } = modal;

  // A layout effect, so that it closes, and gives the page back, before it is taken away.
  useLayoutEffect(() => {
    const shown = element.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  // What is wrong is where the eye should go, and the keyboard: once, since each view brings the errors anew.
  const [wrong] = Object.keys(modal.errors);
  useLayoutEffect(() => {
    if (wrong === undefined) return;
    element.current?.querySelector<HTMLElement>(`[data-block="${CSS.escape(wrong)}"] :is(input, select)`)?.focus();
  }, [wrong]);

  const valueOfInput = (input: Input): string => {
    const held = heldIn(modal, input);
    return entered[input.block_id] ?? held.value ?? held.selected_option?.value ?? '';
  };
  const send = async (path: 'modal/press' | 'modal/submit', more: object): Promise<void> => {
    if (busy) return;
    setBusy(true);
    // Only what this view has; what an earlier one had is gone.
    const inputs = view.blocks.filter((block) => block.type === 'input');
    const filled = Object.fromEntries(inputs.map((input) => [input.block_id, valueOfInput(input)]));
    setTrouble((await ask(path, { user, filled, ...more })).trouble);
    setBusy(false);
  };
  const close = (): void => void ask('modal/close', { user });

  return (
    <dialog
      ref={element}
      className="modal"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send('modal/submit', {});
        }}
      >
        <header className="modal-header">
          <img src="./icon.svg" alt="" width="24" height="24" />
          <h2 id={id}>{view.title.text}</h2>
          <button type="button" className="icon-button" aria-label="Close the dialog" onClick={close}>
            <Icon path={CLOSE} />
          </button>
        </header>
        <div className="modal-body">
          {(trouble ?? modal.trouble) !== null && (
            <p className="trouble" role="alert">
              ⚠ {trouble ?? modal.trouble}
            </p>
          )}
          {view.blocks.map((block) => (
            <ModalBlock
              key={block.block_id}
              modal={modal}
              block={block}
              value={block.type === 'input' ? valueOfInput(block) : ''}
              busy={busy}
              onChange={(value) => setEntered((before) => ({ ...before, [block.block_id]: value }))}
              onPress={(actionId) => void send('modal/press', { actionId })}
            />
          ))}
        </div>
        <footer className="modal-footer">
          <button type="button" className="action action-plain" onClick={close}>
            {view.close?.text ?? 'Cancel'}
          </button>
          {view.submit && (
            <button type="submit" className="action action-primary" aria-disabled={busy}>
              {view.submit.text}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
