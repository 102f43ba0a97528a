import { HostConfig } from 'adaptivecards/lib/host-config';

/** A colour of ../styles/teams-tokens.css, so that a card follows the theme without being drawn anew. */
const colour = (name: string): string => `var(--card-${name})`;

/** A text colour and its quieter brother. */
const text = (name: string) => ({ default: colour(name), subtle: colour(`${name}-subtle`) });

const foregroundColors = {
  default: text('ink'),
  dark: text('ink'),
  light: text('light'),
  accent: text('accent'),
  good: text('good'),
  warning: text('warning'),
  attention: text('attention'),
};

const container = (name: string) => ({
  backgroundColor: colour(`ground-${name}`),
  borderColor: colour('line'),
  foregroundColors,
});

/** How Teams draws cards: its sizes, spacings and limits, in its colours of either theme. */
export const HOST_CONFIG = new HostConfig({
  supportsInteractivity: true,
  fontTypes: {
    default: {
      fontFamily: 'var(--font)',
      fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 },
      fontWeights: { lighter: 400, default: 400, bolder: 600 },
    },
    monospace: {
      fontFamily: 'var(--mono)',
      fontSizes: { small: 12, default: 13, medium: 14, large: 16, extraLarge: 20 },
      fontWeights: { lighter: 400, default: 400, bolder: 600 },
    },
  },
  lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 32 },
  spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12 },
  separator: { lineThickness: 1, lineColor: colour('line') },
  imageSizes: { small: 32, medium: 52, large: 100 },
  containerStyles: {
    default: container('default'),
    emphasis: container('emphasis'),
    accent: container('accent'),
    good: container('good'),
    warning: container('warning'),
    attention: container('attention'),
  },
  inputs: {
    label: {
      inputSpacing: 'small',
      requiredInputs: { weight: 'bolder', suffix: ' *', suffixColor: 'attention' },
      optionalInputs: { weight: 'bolder' },
    },
    errorMessage: { color: 'attention', size: 'small' },
    allowDynamicallyFilteredChoiceSet: false,
  },
  actions: {
    maxActions: 6,
    spacing: 'large',
    buttonSpacing: 8,
    showCard: { actionMode: 'inline', inlineTopMargin: 12, style: 'emphasis' },
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
    iconPlacement: 'leftOfTitle',
    allowTitleToWrap: true,
    iconSize: 16,
  },
  adaptiveCard: { allowCustomStyle: false },
  factSet: {
    title: { color: 'default', weight: 'bolder', wrap: true, maxWidth: 150 },
    value: { color: 'default', weight: 'default', wrap: true },
    spacing: 12,
  },
  table: { cellSpacing: 8 },
  textStyles: {
    heading: { size: 'large', weight: 'bolder' },
    columnHeader: { weight: 'bolder' },
  },
  textBlock: { headingLevel: 3 },
});
