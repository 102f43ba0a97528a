import type { ButtonAction } from '../../model/notice.ts';

/** The part of Adaptive Cards 1.5 that this product uses, as JSON: https://adaptivecards.io/explorer */
export interface AdaptiveCard {
  type: 'AdaptiveCard';
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  version: '1.5';
  body: CardElement[];
  actions?: CardAction[];
  /** Makes the client of each of `userIds` (Teams user ids) fetch a view of its own. */
  refresh?: Refresh;
  /** For clients that don't know version 1.5. */
  fallbackText: string;
  /** What is read aloud. */
  speak: string;
  msteams: { width: 'Full'; entities?: Mention[] };
}

export interface Refresh {
  action: Execute<'refresh'>;
  userIds: string[];
}

/** Somebody who is called. `text` stands in the card or message, tags and all. */
export interface Mention {
  type: 'mention';
  text: string;
  /** The Entra object id, and the name. */
  mentioned: { id: string; name: string };
}

export type CardElement = TextBlock | RichTextBlock | Container | ActionSet | TextInput | ChoiceInput;

type Spacing = 'None' | 'Small' | 'Medium';

/** How a piece of text looks. */
export interface Look {
  size?: 'Small' | 'Medium';
  weight?: 'Bolder';
  isSubtle?: true;
  fontType?: 'Monospace';
  color?: 'Attention';
}

/** Text with markdown in it, local times and mentions. */
export interface TextBlock extends Look {
  type: 'TextBlock';
  text: string;
  wrap: true;
  spacing?: Spacing;
}

/** Text where nothing is markdown. */
export interface RichTextBlock {
  type: 'RichTextBlock';
  inlines: TextRun[];
  spacing?: Spacing;
}

export interface TextRun extends Look {
  type: 'TextRun';
  text: string;
}

export type ContainerStyle = 'emphasis' | 'good' | 'attention' | 'warning' | 'accent';

export interface Container {
  type: 'Container';
  items: CardElement[];
  style?: ContainerStyle;
  bleed?: true;
  spacing?: Spacing;
  id?: string;
  isVisible?: false;
}

export interface ActionSet {
  type: 'ActionSet';
  actions: CardAction[];
  id?: string;
  isVisible?: false;
}

interface Input {
  id: string;
  label: string;
  isRequired?: true;
  errorMessage?: string;
  placeholder?: string;
  value?: string;
}

export interface TextInput extends Input {
  type: 'Input.Text';
  maxLength: number;
  isMultiline?: true;
}

export interface ChoiceInput extends Input {
  type: 'Input.ChoiceSet';
  style: 'compact' | 'filtered';
  choices: { title: string; value: string }[];
  /** Choices that the bot is asked for while somebody types. */
  'choices.data'?: { type: 'Data.Query'; dataset: 'machines' | 'library' };
}

export type CardAction = Execute<ButtonAction> | Submit | ShowCard | ToggleVisibility;

type ActionStyle = 'positive' | 'destructive';

/** A button that is answered to the clicker. It carries an identifier and nothing else; inputs of the card join it. */
export interface Execute<Verb extends string> {
  type: 'Action.Execute';
  title: string;
  verb: Verb;
  data: { id: string };
  style?: ActionStyle;
  associatedInputs?: 'none';
  /** For clients that don't know Action.Execute. */
  fallback?: Submit;
}

export interface Submit {
  type: 'Action.Submit';
  title: string;
  /** `task/fetch` opens a dialog. */
  data?: { verb: ButtonAction; id: string } | { msteams: { type: 'task/fetch' } };
  style?: ActionStyle;
  associatedInputs?: 'none';
}

/** A button that unfolds more of the card. */
export interface ShowCard {
  type: 'Action.ShowCard';
  title: string;
  style?: ActionStyle;
  card: { type: 'AdaptiveCard'; body: CardElement[]; actions: CardAction[] };
}

export interface ToggleVisibility {
  type: 'Action.ToggleVisibility';
  title: string;
  targetElements: { elementId: string; isVisible: boolean }[];
}

/** A message to Teams, whatever it is sent with. Either `text` or one card. */
export interface Outgoing {
  /** Plain words that say the same, for notifications. */
  summary: string;
  text?: string;
  textFormat?: 'xml';
  /** The mentions of `text`; a card holds its own. */
  entities?: Mention[];
  attachments?: [{ contentType: 'application/vnd.microsoft.card.adaptive'; content: AdaptiveCard }];
}
