import {
  AdaptiveCard,
  type CardElement,
  ChoiceSetInput,
  type IMarkdownProcessingResult,
} from 'adaptivecards/lib/card-elements';
import { CardObjectRegistry, GlobalRegistry } from 'adaptivecards/lib/registry';
import { Versions } from 'adaptivecards/lib/serialization';
import { GlobalSettings } from 'adaptivecards/lib/shared';
import { Table } from 'adaptivecards/lib/table';
import { type Combobox, createCombobox, type Search } from './combobox.ts';
import { readMarkdown } from './markdown.ts';
import { toHtml } from './markup.ts';

// The message around a card is what the keyboard reaches; the card needs no stop of its own.
GlobalSettings.setTabIndexAtCardRoot = false;
AdaptiveCard.onProcessMarkdown = (text: string, result: IMarkdownProcessingResult): void => {
  result.outputHtml = toHtml(readMarkdown(text));
  result.didProcess = true;
};

/** A card that knows whom to ask for choices. */
export class TeamsCard extends AdaptiveCard {
  search: (dataset: string, query: string) => ReturnType<Search> = () => Promise.resolve([]);
}

/** A list of choices; with `choices.data` it asks the bot for them while one types, as Teams does. */
export class TeamsChoiceSet extends ChoiceSetInput {
  /** The set of data to search; null for choices that all stand in the card. */
  dataset: string | null = null;
  #combobox: Combobox | null = null;

  protected override internalRender(): HTMLElement | undefined {
    const { dataset } = this;
    const root = this.getRootElement();
    if (dataset === null || !(root instanceof TeamsCard)) return super.internalRender();
    this.#combobox = createCombobox({
      search: (query) => root.search(dataset, query),
      choices: this.choices.map(({ title = '', value = '' }) => ({ title, value })),
      placeholder: this.placeholder ?? '',
      initial: this.defaultValue ?? '',
      required: this.isRequired,
      onChange: () => this.valueChanged(),
    });
    return this.#combobox.element;
  }

  /** The label is for the field in the box, not for the box. */
  protected override updateInputControlAriaLabelledBy(): void {
    if (this.#combobox) this.#combobox.field.setAttribute('aria-labelledby', this.getAllLabelIds().join(' '));
    else super.updateInputControlAriaLabelledBy();
  }

  override focus(): void {
    if (this.#combobox) this.#combobox.field.focus();
    else super.focus();
  }

  override isValid(): boolean {
    return this.#combobox ? this.#combobox.isValid() : super.isValid();
  }

  override get value(): string | undefined {
    return this.#combobox ? this.#combobox.value() : super.value;
  }
}

/** The elements that Teams draws: those of version 1.5. */
export function teamsElements(): CardObjectRegistry<CardElement> {
  const registry = new CardObjectRegistry<CardElement>();
  GlobalRegistry.populateWithDefaultElements(registry);
  registry.register('Table', Table, Versions.v1_5);
  registry.register('Input.ChoiceSet', TeamsChoiceSet);
  return registry;
}
