import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { Icon, SEND } from './icons.tsx';

interface ComposerProps {
  label: string;
  placeholder: string;
  /** What stands in it at first. */
  initial?: string;
  /** Lines worth a try, each with a short name. */
  ideas?: { name: string; line: string }[];
  /** Answers null, or a sentence about what went wrong. */
  onSend: (text: string) => Promise<string | null>;
}

/** Where messages and commands are typed: Enter sends, Shift+Enter breaks the line, ↑ brings earlier lines back. */
export function Composer({ label, placeholder, initial = '', ideas = [], onSend }: ComposerProps) {
  const [text, setText] = useState(initial);
  const [trouble, setTrouble] = useState<string | null>(null);
  const history = useRef<string[]>([]);
  const place = useRef(0);
  const field = useRef<HTMLTextAreaElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the field grows with its text.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = async (): Promise<void> => {
    const line = text.trim();
    if (line === '') return;
    history.current = [...history.current.filter((one) => one !== line), line];
    place.current = history.current.length;
    setText('');
    setTrouble(null);
    setTrouble(await onSend(line));
  };

  const recall = (step: number): void => {
    const next = Math.min(Math.max(place.current + step, 0), history.current.length);
    place.current = next;
    setText(history.current[next] ?? '');
  };

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    const element = event.currentTarget;
    const oneLine = !text.includes('\n');
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'ArrowUp' && oneLine && (text === '' || element.selectionStart === 0 || isRecalled())) {
      if (history.current.length === 0) return;
      event.preventDefault();
      recall(-1);
    } else if (event.key === 'ArrowDown' && oneLine && isRecalled()) {
      event.preventDefault();
      recall(1);
    }
  };
  const isRecalled = (): boolean => history.current[place.current] === text && text !== '';

  const take = (line: string): void => {
    setText(line);
    setTrouble(null);
    field.current?.focus();
  };

  return (
    <div className="composer-frame">
      {trouble && (
        <p className="trouble" role="alert">
          ⚠ {trouble}
        </p>
      )}
      <form
        className="composer"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label={label}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={pressed}
        />
        <button type="submit" className="send" aria-label="Send" disabled={text.trim() === ''}>
          <Icon path={SEND} />
        </button>
      </form>
      {ideas.length > 0 && (
        <fieldset className="ideas" aria-label="Lines to try">
          {ideas.map(({ name, line }) => (
            <button key={line} type="button" className="idea" title={line} onClick={() => take(line)}>
              {name}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}
