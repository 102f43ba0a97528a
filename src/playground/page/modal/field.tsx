import { useId } from 'react';
import { Typeahead } from './typeahead.tsx';
import type { Held, Input } from './view.ts';

interface FieldProps {
  user: string;
  input: Input;
  held: Held;
  /** What stands in it now: words, or the value of an option. */
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** An input of a modal with its label, its hint, and what is wrong with it. */
export function Field({ user, input, held, value, error, onChange }: FieldProps) {
  const id = useId();
  const { element, optional, label, hint } = input;
  const described = [error === undefined ? '' : `${id}-error`, hint === undefined ? '' : `${id}-hint`];
  const labels = {
    'aria-labelledby': `${id}-label`,
    'aria-describedby': described.join(' ').trim(),
    'aria-invalid': error === undefined ? 'false' : 'true',
  } as const;
  const placeholder = element.placeholder?.text ?? '';
  return (
    <div className="modal-field" data-block={input.block_id}>
      <label id={`${id}-label`} htmlFor={id}>
        {label.text}
        {optional && <span className="quiet"> (optional)</span>}
      </label>
      {element.type === 'plain_text_input' && (
        <input
          id={id}
          type="text"
          value={value}
          placeholder={placeholder}
          maxLength={element.max_length}
          autoComplete="off"
          spellCheck={false}
          {...labels}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {element.type === 'static_select' && (
        <select id={id} value={value} {...labels} onChange={(event) => onChange(event.target.value)}>
          {element.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text.text}
            </option>
          ))}
        </select>
      )}
      {element.type === 'external_select' && (
        <Typeahead
          user={user}
          block={input.block_id}
          placeholder={placeholder}
          required={!optional}
          initial={held.selected_option ?? null}
          labels={{ id, ...labels }}
          onChange={onChange}
        />
      )}
      {hint && (
        <p id={`${id}-hint`} className="quiet modal-hint">
          {hint.text}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="modal-error" role="alert">
          ⚠ {error}
        </p>
      )}
    </div>
  );
}
