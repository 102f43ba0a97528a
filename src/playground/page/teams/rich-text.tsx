import { createElement, Fragment, type ReactNode } from 'react';
import { readMarkdown } from './markdown.ts';
import { drawnAs, type Element, type Piece, toWords } from './markup.ts';
import type { Message } from './view.ts';
import { readXml } from './xml.ts';

/** The words of a message in its own format. Elements are made one by one, so nothing in the words can become markup. */
export function RichText({ message, myName }: { message: Pick<Message, 'text' | 'textFormat'>; myName: string }) {
  const text = message.text ?? '';
  if (message.textFormat === 'xml') return <div className="teams-text">{draw(readXml(text), myName)}</div>;
  if (message.textFormat === 'markdown') return <div className="teams-text">{draw(readMarkdown(text), myName)}</div>;
  return <div className="teams-text teams-text-plain">{draw(readMentions(text), myName)}</div>;
}

/** Plain text, with mentions where they are written. */
function readMentions(text: string): Piece[] {
  return text
    .split(/(<at>[^<>]*<\/at>)/)
    .map((part) => (part.startsWith('<at>') ? { tag: 'at', children: [part.slice(4, -5)] } : part));
}

function draw(pieces: readonly Piece[], myName: string): ReactNode[] {
  return pieces.map((piece, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place.
    typeof piece === 'string' ? <Fragment key={index}>{piece}</Fragment> : drawElement(piece, index, myName),
  );
}

function drawElement(element: Element, key: number, myName: string): ReactNode {
  const children = draw(element.children, myName);
  if (element.tag === 'br') return <br key={key} />;
  if (element.tag === 'a' && element.href === undefined) return <Fragment key={key}>{children}</Fragment>;
  if (element.tag === 'at') {
    const mine = toWords(element.children) === myName;
    return (
      <span key={key} className={mine ? 'mention mention-me' : 'mention'}>
        {children}
      </span>
    );
  }
  const link = element.tag === 'a' ? { href: element.href, target: '_blank', rel: 'noopener noreferrer' } : {};
  return createElement(drawnAs(element.tag), { key, ...link }, children);
}
