import { useCallback, useId, useLayoutEffect, useRef, useState } from 'react';
import { CLOSE, Icon } from '../icons.tsx';
import { ask } from '../use-view.ts';
import { Card } from './card.tsx';
import type { Pressed } from './draw-card.ts';
import { search } from './send.ts';
import type { Dialog, Person } from './view.ts';

interface TaskDialogProps {
  dialog: Dialog;
  person: Person;
}

/** A dialog with a card of the bot in it: modal, Esc closes it, the focus returns to where it came from. */
export function TaskDialog({ dialog, person }: TaskDialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const id = useId();
  // A layout effect, so that it closes, and gives the page back, before it is taken away.
  useLayoutEffect(() => {
    const shown = element.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>('.teams-card :is(input, select, textarea, button)')?.focus();
    return () => shown?.close();
  }, []);

  const onPress = useCallback(
    async ({ index, inputs }: Pressed): Promise<void> => {
      setBusy(true);
      setTrouble((await ask('teams/dialog', { person: person.id, index, inputs })).trouble);
      setBusy(false);
    },
    [person.id],
  );
  const find = useCallback(
    (dataset: string, query: string) => search({ person: person.id, dataset, query }),
    [person.id],
  );
  const close = (): void => void ask('teams/close', { person: person.id });
  return (
    <dialog
      ref={element}
      className="task-dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header className="task-dialog-header">
        <img src="./icon.svg" alt="" width="24" height="24" />
        <h2 id={id}>{dialog.title}</h2>
        <button type="button" className="icon-button" aria-label="Close the dialog" onClick={close}>
          <Icon path={CLOSE} />
        </button>
      </header>
      {trouble && (
        <p className="trouble" role="alert">
          ⚠ {trouble}
        </p>
      )}
      <Card card={dialog.card} label={dialog.title} myName={person.name} busy={busy} onPress={onPress} search={find} />
    </dialog>
  );
}
