import { memo } from 'react';
import { type MessageProps, Message as SlackMessage } from 'slack-blocks-to-jsx';
import { ActionsRow, type Press } from './buttons.tsx';
import { HOURGLASS, Icon } from './icons.tsx';
import { clock, slackDate, whole } from './time.ts';
import type { Block, Member, Message } from './view.ts';

interface BlocksProps {
  message: Pick<Message, 'text' | 'blocks'>;
  members: Member[];
  me: string;
  theme: 'light' | 'dark';
  onPress: Press;
}

/**
 * The body of a message. slack-blocks-to-jsx draws the blocks; its buttons lead nowhere, so rows of buttons are drawn
 * here. Drawn anew only when something in it changed, which keeps the focus where it is.
 */
export const Blocks = memo(
  function Blocks({ message, members, me, theme, onPress }: BlocksProps) {
    const blocks = message.blocks ?? [{ type: 'section', text: { type: 'mrkdwn', text: message.text } }];
    return (
      <div className="blocks">
        {runsOf(blocks).map((run, index) =>
          run.type === 'actions' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place.
            <ActionsRow key={index} block={run.blocks[0]} onPress={onPress} />
          ) : run.type === 'header' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place.
            <Header key={index} block={run.blocks[0]} />
          ) : (
            <SlackMessage
              // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place.
              key={index}
              withoutWrapper
              name=""
              logo=""
              theme={theme}
              // The library's types lack blocks that it draws all the same.
              blocks={run.blocks.map(readable) as unknown as MessageProps['blocks']}
              data={{ users: members.map(({ id, realName }) => ({ id, name: realName })) }}
              hooks={hooksFor(me, members)}
            />
          ),
        )}
      </div>
    );
  },
  (before, after) =>
    before.me === after.me &&
    before.theme === after.theme &&
    before.onPress === after.onPress &&
    JSON.stringify(before.message) === JSON.stringify(after.message),
);

/** Between a written `<` and what follows, so that the renderer takes it for a letter. It shows nothing. */
const APART = '\u2060';

/**
 * The renderer neither reads `<…>` in verbatim text, as Slack does, nor keeps an escaped `&lt;` apart from markup. So
 * mrkdwn goes to it without the flag and with its escaped brackets taken apart.
 */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const mrkdwn = entries.some(([key, item]) => key === 'type' && item === 'mrkdwn');
  if (!mrkdwn)
    return Object.fromEntries(
      entries.map(([key, item]) => [key, typeof item === 'string' && key === 'text' ? drawable(item) : readable(item)]),
    );
  const { text } = value as { text?: unknown };
  const words = String(text ?? '')
    .replaceAll('&lt;', `<${APART}`)
    .replaceAll('&gt;', `${APART}>`)
    .replaceAll('&amp;', '&');
  return { type: 'mrkdwn', text: words };
}

/** The hourglass as a letter that more systems have. */
const drawable = (words: string): string => words.replaceAll('⏳', '◷');

interface Run {
  type: 'actions' | 'header' | 'other';
  blocks: Block[];
}

/** Neighbouring blocks that the renderer draws in one go; each row of buttons by itself. */
function runsOf(blocks: Block[]): Run[] {
  const runs: Run[] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    if (block.type === 'actions' || block.type === 'header') runs.push({ type: block.type, blocks: [block] });
    else if (last?.type === 'other') last.blocks.push(block);
    else runs.push({ type: 'other', blocks: [block] });
  }
  return runs;
}

/** A heading that is one for screen readers too. The hourglass is drawn: many systems have no letter for it. */
function Header({ block }: { block: Block | undefined }) {
  const { text } = (block?.text ?? {}) as { text?: unknown };
  const words = String(text ?? '');
  const waits = words.startsWith('⏳');
  return (
    <h2 className="block-header">
      {waits && <Icon path={HOURGLASS} size={20} />}
      {waits ? words.slice(1).trim() : words}
    </h2>
  );
}

function hooksFor(me: string, members: Member[]): NonNullable<MessageProps['hooks']> {
  return {
    user: ({ id }) => (
      <span className={id === me ? 'mention mention-me' : 'mention'}>
        @{members.find((member) => member.id === id)?.realName ?? id}
      </span>
    ),
    date: ({ timestamp, format, fallback }) => {
      const at = Number(timestamp) * 1000;
      if (!Number.isFinite(at)) return fallback;
      return (
        <time dateTime={new Date(at).toISOString()} title={whole(at)}>
          {slackDate(at, format) || clock(at)}
        </time>
      );
    },
    link: ({ href, children, className }) => (
      <a href={href} className={className} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ),
  };
}
