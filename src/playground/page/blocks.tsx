import { memo } from 'react';
import { type MessageProps, Message as SlackMessage } from 'slack-blocks-to-jsx';
import { ActionsRow, type Press } from './buttons.tsx';
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
          ) : (
            <SlackMessage
              // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place.
              key={index}
              withoutWrapper
              name=""
              logo=""
              theme={theme}
              blocks={run.blocks as unknown as MessageProps['blocks']}
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

interface Run {
  type: 'actions' | 'other';
  blocks: Block[];
}

/** Neighbouring blocks that the renderer draws in one go; each row of buttons by itself. */
function runsOf(blocks: Block[]): Run[] {
  const runs: Run[] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    if (block.type === 'actions') runs.push({ type: 'actions', blocks: [block] });
    else if (last?.type === 'other') last.blocks.push(block);
    else runs.push({ type: 'other', blocks: [block] });
  }
  return runs;
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
