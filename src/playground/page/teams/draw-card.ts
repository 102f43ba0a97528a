import {
  type Action,
  ExecuteAction,
  OpenUrlAction,
  SerializationContext,
  SubmitAction,
} from 'adaptivecards/lib/card-elements';
import { Versions } from 'adaptivecards/lib/serialization';
import { z } from 'zod';
import { TeamsCard, TeamsChoiceSet, teamsElements } from './card-elements.ts';
import type { Choice } from './combobox.ts';
import { HOST_CONFIG } from './host-config.ts';
import { drawHourglasses } from './hourglass.ts';
import { safeAddress } from './markup.ts';

/** A button that was pressed: where it stands in the card, and what was typed. */
export interface Pressed {
  type: 'Action.Execute' | 'Action.Submit';
  /** Its place among all actions of the card, as they stand in its JSON. */
  index: number;
  inputs: Record<string, string>;
}

export interface CardHandlers {
  onPress: (pressed: Pressed) => void;
  search: (dataset: string, query: string) => Promise<Choice[]>;
}

const Query = z.looseObject({ 'choices.data': z.looseObject({ dataset: z.string() }) });
const Words = z.looseObject({ fallbackText: z.string().catch('This card can’t be shown here.') });

/** Draws an Adaptive Card as Teams would; what can't be drawn is told in the card's own words for that. */
export function drawCard(json: unknown, handlers: CardHandlers): HTMLElement {
  const sources = new WeakMap<Action, unknown>();
  const actions = actionsIn(json);
  const context = new SerializationContext(Versions.v1_5);
  context.setElementRegistry(teamsElements());
  context.onParseAction = (action, source) => sources.set(action, source);
  context.onParseElement = (element, source) => {
    const query = Query.safeParse(source);
    if (element instanceof TeamsChoiceSet && query.success) element.dataset = query.data['choices.data'].dataset;
  };
  const card = new TeamsCard();
  card.hostConfig = HOST_CONFIG;
  card.search = handlers.search;
  card.onExecuteAction = (action) => {
    if (action instanceof OpenUrlAction) openAddress(action.url);
    else if (action instanceof ExecuteAction || action instanceof SubmitAction) {
      const type = action instanceof ExecuteAction ? 'Action.Execute' : 'Action.Submit';
      handlers.onPress({
        type,
        index: actions.indexOf(sources.get(action)),
        inputs: inputsOf(action),
      });
    }
  };
  card.parse(json, context);
  const drawn = card.render() ?? inWords(json);
  drawHourglasses(drawn);
  return drawn;
}

function inputsOf(action: Action): Record<string, string> {
  const inputs = Object.values(action.getReferencedInputs() ?? {});
  return Object.fromEntries(
    inputs.flatMap(({ id, value }) => (id === undefined || value == null ? [] : [[id, String(value)]])),
  );
}

function openAddress(url: string | undefined): void {
  const address = safeAddress(url ?? '');
  if (address !== null) window.open(address, '_blank', 'noopener,noreferrer');
}

function inWords(json: unknown): HTMLElement {
  const words = Words.safeParse(json);
  const element = document.createElement('p');
  element.textContent = words.success ? words.data.fallbackText : 'This card can’t be shown here.';
  return element;
}

/** All actions in a card, as they stand there. */
function actionsIn(json: unknown): unknown[] {
  if (Array.isArray(json)) return json.flatMap(actionsIn);
  if (typeof json !== 'object' || json === null) return [];
  const own = 'type' in json && String(json.type).startsWith('Action.') ? [json] : [];
  return [...own, ...Object.values(json).flatMap(actionsIn)];
}
