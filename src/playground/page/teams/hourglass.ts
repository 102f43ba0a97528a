import { HOURGLASS } from '../icons.tsx';

const SVG = 'http://www.w3.org/2000/svg';

/** Draws the hourglass of cards that wait: many systems have no letter for it. The words beside it say the same. */
export function drawHourglasses(element: HTMLElement): void {
  const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const waiting: Text[] = [];
  while (words.nextNode()) {
    const { currentNode } = words;
    if (currentNode instanceof Text && currentNode.data.includes('⏳')) waiting.push(currentNode);
  }
  for (const node of waiting) {
    const parts = node.data.split('⏳').flatMap((part, index) => (index === 0 ? [part] : [hourglass(), part]));
    node.replaceWith(...parts);
  }
}

function hourglass(): SVGElement {
  const drawing = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  drawing.append(path);
  const look = { viewBox: '0 0 20 20', class: 'hourglass', 'aria-hidden': 'true', focusable: 'false' };
  for (const [name, value] of Object.entries(look)) drawing.setAttribute(name, value);
  const line = { d: HOURGLASS, fill: 'none', stroke: 'currentColor', 'stroke-width': '1.7', 'stroke-linecap': 'round' };
  for (const [name, value] of Object.entries(line)) path.setAttribute(name, value);
  return drawing;
}
