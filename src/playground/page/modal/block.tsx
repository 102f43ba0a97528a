import { Field } from './field.tsx';
import { heldIn, type Modal } from './view.ts';

interface ModalBlockProps {
  modal: Modal;
  block: Modal['view']['blocks'][number];
  /** What stands in it now, where it is an input. */
  value: string;
  busy: boolean;
  onChange: (value: string) => void;
  onPress: (actionId: string) => void;
}

/** A block of a modal: those that our bot uses, drawn here, since the renderer of messages knows no inputs. */
export function ModalBlock({ modal, block, value, busy, onChange, onPress }: ModalBlockProps) {
  switch (block.type) {
    case 'input':
      return (
        <Field
          user={modal.user}
          input={block}
          held={heldIn(modal, block)}
          value={value}
          error={modal.errors[block.block_id]}
          onChange={onChange}
        />
      );
    case 'actions':
      return (
        <div className="actions">
          {block.elements.map(({ action_id, text }) => (
            <button
              key={action_id}
              type="button"
              className="action action-plain"
              aria-disabled={busy}
              onClick={() => onPress(action_id)}
            >
              {text.text}
            </button>
          ))}
        </div>
      );
    case 'section':
      return <p className="modal-words">{block.text.text}</p>;
    case 'divider':
      return <hr />;
  }
}
