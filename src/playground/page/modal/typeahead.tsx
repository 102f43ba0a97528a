import { useEffect, useRef } from 'react';
import { z } from 'zod';
import { type Choice, createCombobox } from '../teams/combobox.ts';
import { ask } from '../use-view.ts';
import type { Option } from './view.ts';

interface TypeaheadProps {
  user: string;
  block: string;
  placeholder: string;
  required: boolean;
  initial: Option | null;
  /** What names and describes the field. */
  labels: Record<string, string>;
  onChange: (value: string) => void;
}

const Found = z.object({
  delivery: z.looseObject({ failure: z.string().nullable() }),
  options: z.array(
    z.looseObject({
      text: z.looseObject({ text: z.string() }),
      value: z.string(),
      description: z.looseObject({ text: z.string() }).optional(),
    }),
  ),
});

const choiceOf = ({ text, description, value }: Option): Choice => ({
  title: text.text,
  ...(description && { detail: description.text }),
  value,
});

/** A select whose choices come from the bot while one types. Made once: it keeps what was typed. */
export function Typeahead({ user, block, placeholder, required, initial, labels, onChange }: TypeaheadProps) {
  const place = useRef<HTMLDivElement>(null);
  const changed = useRef(onChange);
  changed.current = onChange;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what it starts with counts once.
  useEffect(() => {
    const search = async (query: string): Promise<Choice[]> => {
      const { body, trouble } = await ask('modal/suggest', { user, block, query });
      if (trouble !== null) throw new Error(trouble);
      const { delivery, options } = Found.parse(body);
      if (delivery.failure !== null) throw new Error('The bot did not answer.');
      return options.map(choiceOf);
    };
    const box = createCombobox({
      ...{ search, placeholder, required },
      choices: initial === null ? [] : [choiceOf(initial)],
      initial: initial?.value ?? '',
      onChange: () => changed.current(box.value() ?? ''),
    });
    for (const [name, value] of Object.entries(labels)) box.field.setAttribute(name, value);
    place.current?.replaceChildren(box.element);
  }, [user, block]);

  useEffect(() => {
    const field = place.current?.querySelector('input');
    for (const [name, value] of Object.entries(labels)) field?.setAttribute(name, value);
  }, [labels]);

  return <div ref={place} />;
}
