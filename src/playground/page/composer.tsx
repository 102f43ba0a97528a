import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { Icon, SEND } from './icons.tsx';

interface ComposerProps {
  label: string;
  placeholder: string;
  /** What stands in it at first. */
  initial?: string;
  /** Lines worth a try, each with a short name. */
  ideas?: { name: string; line: string }[];
  /** What stands beside them. */
  more?: ReactNode;
  /** Whom an `@` offers: `Live Response`. */
  mention?: string;
  /** Takes the focus when it appears. */
  focused?: boolean;
  /** Esc in it. */
  onCancel?: () => void;
  /** Answers null, or a sentence about what went wrong. */
  onSend: (text: string) => Promise<string | null>;
}

/** Where messages and commands are typed: Enter sends, Shift+Enter breaks the line, ↑ brings earlier lines back. */
export function Composer(props: ComposerProps) {
  const { label, placeholder, initial = '', ideas = [], more, mention, focused = false, onCancel, onSend } = props;
  const [text, setText] = useState(initial);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [declined, setDeclined] = useState('');
  const history = useRef<string[]>([]);
  const place = useRef(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const offerId = useId();
  const offered = mention !== undefined && text !== declined && beginsMention(text, mention);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the field grows with its text.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);

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
  const isRecalled = (): boolean => history.current[place.current] === text && text !== '';

  const take = (line: string): void => {
    setText(line);
    setTrouble(null);
    field.current?.focus();
  };
  const takeMention = (): void => take(text.replace(/@[^@]*$/, `@${mention} `));

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (offered ? offerPressed(event.key) : keyPressed(event)) event.preventDefault();
  };
  /** While somebody is offered, Enter and Tab take them and Esc declines. */
  const offerPressed = (key: string): boolean => {
    if (key === 'Enter' || key === 'Tab') takeMention();
    else if (key === 'Escape') setDeclined(text);
    else return false;
    return true;
  };
  const keyPressed = ({ key, shiftKey, currentTarget }: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const oneLine = !text.includes('\n');
    const atStart = text === '' || currentTarget.selectionStart === 0;
    if (key === 'Enter' && !shiftKey) void submit();
    else if (key === 'ArrowUp' && oneLine && (atStart || isRecalled()) && history.current.length > 0) recall(-1);
    else if (key === 'ArrowDown' && oneLine && isRecalled()) recall(1);
    else if (key === 'Escape' && onCancel) onCancel();
    else return false;
    return true;
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
          aria-controls={offered ? offerId : undefined}
          aria-activedescendant={offered ? `${offerId}-one` : undefined}
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
        {offered && (
          <div id={offerId} className="mention-offer" role="listbox" aria-label="People to mention">
            {/* biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, as with any combobox. */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field takes Enter and Tab for it. */}
            <div
              id={`${offerId}-one`}
              role="option"
              aria-selected="true"
              onPointerDown={(event) => event.preventDefault()}
              onClick={takeMention}
            >
              <img className="avatar avatar-small" src="./icon.svg" alt="" /> {mention}
              <span className="quiet">App</span>
            </div>
          </div>
        )}
      </form>
      {ideas.length > 0 && (
        <fieldset className="ideas" aria-label="Lines to try">
          {ideas.map(({ name, line }) => (
            <button key={line} type="button" className="idea" title={line} onClick={() => take(line)}>
              {name}
            </button>
          ))}
          {more}
        </fieldset>
      )}
    </div>
  );
}

/** Whether the text ends in an `@` with the beginning of this name, or nothing yet, behind it. */
function beginsMention(text: string, name: string): boolean {
  const begun = /(?:^|\s)@([^@\n]*)$/.exec(text)?.[1];
  return begun !== undefined && begun.length < name.length && name.toLowerCase().startsWith(begun.toLowerCase());
}
