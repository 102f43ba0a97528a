import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** Where in the file something stands: keys and indexes from the root. */
export type Path = readonly PropertyKey[];

/** Something wrong in a policy; line and column count from 1. */
export interface Problem {
  line: number;
  column: number;
  message: string;
}

/** A policy's text as data, and how to find a place of it again. */
export interface Source {
  data: unknown;
  problems: Problem[];
  /** The place of the value at this path (the nearest one there is), or of one of its keys. */
  place(path: Path, key?: string): { line: number; column: number };
}

/** Reads YAML 1.2; what YAML itself calls an error or doubtful (a key twice, an unknown tag) is a problem. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', strict: true, uniqueKeys: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [
    ...[...document.errors, ...document.warnings].map((error) => ({
      ...at(error.pos[0]),
      message: firstLine(error.message),
    })),
    ...keyTroubles(document.contents).map(({ offset, message }) => ({ ...at(offset), message })),
  ];
  if (problems.length > 0) return { data: null, problems, place: () => at(0) };
  try {
    const data: unknown = document.toJS({ maxAliasCount: 100 });
    return { data, problems, place: (path, key) => at(offsetOf(document.contents, path, key)) };
  } catch {
    return { data: null, problems: [{ ...at(0), message: 'uses too many aliases' }], place: () => at(0) };
  }
}

/** Keys that can't be told apart or found again. The parser's own check compares each key with all the others of its map. */
function keyTroubles(root: Node | null): { offset: number; message: string }[] {
  const troubles: { offset: number; message: string }[] = [];
  visit(root, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : null;
        const message = keyTrouble(name, seen);
        if (message !== null) troubles.push({ offset: isNode(key) ? start(key) : start(map), message });
        if (name !== null) seen.add(name);
      }
    },
  });
  return troubles;
}

function keyTrouble(name: string | null, seen: ReadonlySet<string>): string | null {
  if (name === null) return 'A key must be a plain word';
  // JavaScript keeps this one for itself: what stands under it would count in one place and be missing in another.
  if (name === '__proto__') return '“__proto__” can’t be a name here';
  return seen.has(name) ? `“${name}” stands here twice: keys must be unique` : null;
}

function offsetOf(root: Node | null, path: Path, key?: string): number {
  let offset = start(root);
  let node: unknown = root;
  for (const step of path) {
    const found = childOf(node, step);
    if (found === null) return offset;
    node = found.value;
    offset = isNode(node) ? start(node) : offset;
  }
  const named = key === undefined ? null : childOf(node, key);
  return isNode(named?.key) ? start(named.key) : offset;
}

function childOf(node: unknown, step: PropertyKey): { key: unknown; value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  return isSeq(node) ? { key: null, value: node.items[Number(step)] } : null;
}

function start(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
}
