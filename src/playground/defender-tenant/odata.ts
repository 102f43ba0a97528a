import { refusal } from './wire.ts';

/** What a filter may compare: text exactly, enumerations without regard to case, times by value. */
type FieldKind = 'text' | 'enum' | 'time' | 'number' | 'list';

/** The filterable fields of a collection, by their wire names. */
export type Fields<T> = Record<string, { kind: FieldKind; values?: readonly string[]; of: (entry: T) => unknown }>;

export type Predicate<T> = (entry: T) => boolean;

type Token = { kind: 'word' | 'text' | 'mark'; value: string };
type Value = string | number | null;

const bad = (message: string) => refusal(400, 'ODataError', `The query specified in the URI is not valid. ${message}`);

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:'((?:[^']|'')*)'|([A-Za-z0-9_@.:/+-]+)|([(),]))/y;
  while (pattern.lastIndex < filter.trimEnd().length) {
    const match = pattern.exec(filter);
    if (match === null) throw bad('Syntax error in the filter.');
    if (match[1] !== undefined) tokens.push({ kind: 'text', value: match[1].replaceAll("''", "'") });
    else if (match[2] !== undefined) tokens.push({ kind: 'word', value: match[2] });
    else tokens.push({ kind: 'mark', value: match[3] ?? '' });
  }
  return tokens;
}

/** Reads an OData `$filter` into a predicate, or refuses it as the service does: unknown fields, types and syntax are 400. */
export function parseFilter<T>(filter: string, fields: Fields<T>): Predicate<T> {
  const reader = createReader(tokenize(filter));
  const predicate = anyOf(reader, fields);
  if (!reader.done()) throw bad('Syntax error at the end of the filter.');
  return predicate;
}

interface Reader {
  peek(): Token | undefined;
  next(): Token;
  take(kind: Token['kind'], value: string): boolean;
  done(): boolean;
}

function createReader(tokens: readonly Token[]): Reader {
  let at = 0;
  return {
    peek: () => tokens[at],
    next() {
      const token = tokens[at++];
      if (token === undefined) throw bad('The filter ends too early.');
      return token;
    },
    take(kind, value) {
      const token = tokens[at];
      // Operators are accepted in any case.
      if (token?.kind !== kind || token.value.toLowerCase() !== value) return false;
      at++;
      return true;
    },
    done: () => at >= tokens.length,
  };
}

function anyOf<T>(reader: Reader, fields: Fields<T>): Predicate<T> {
  const parts = [allOf(reader, fields)];
  while (reader.take('word', 'or')) parts.push(allOf(reader, fields));
  return (entry) => parts.some((part) => part(entry));
}

function allOf<T>(reader: Reader, fields: Fields<T>): Predicate<T> {
  const parts = [one(reader, fields)];
  while (reader.take('word', 'and')) parts.push(one(reader, fields));
  return (entry) => parts.every((part) => part(entry));
}

function expect(reader: Reader, mark: string): void {
  if (!reader.take('mark', mark)) throw bad(`Expected '${mark}'.`);
}

function one<T>(reader: Reader, fields: Fields<T>): Predicate<T> {
  if (reader.take('word', 'not')) {
    const inner = one(reader, fields);
    return (entry) => !inner(entry);
  }
  if (reader.take('mark', '(')) {
    const inner = anyOf(reader, fields);
    expect(reader, ')');
    return inner;
  }
  const word = reader.next();
  if (word.kind !== 'word') throw bad('Expected a field.');
  if (reader.take('mark', '(')) {
    const collection = /^(\w+)\/any$/i.exec(word.value)?.[1];
    return collection === undefined
      ? textFunction(word.value, reader, fields)
      : anyFunction(collection, reader, fields);
  }
  return comparison(word.value, reader, fields);
}

function fieldOf<T>(name: string, fields: Fields<T>): Fields<T>[string] {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw bad(`Could not find a property named '${name}'.`);
  return field;
}

function textFunction<T>(name: string, reader: Reader, fields: Fields<T>): Predicate<T> {
  const field = fieldOf(reader.next().value, fields);
  expect(reader, ',');
  const literal = reader.next();
  expect(reader, ')');
  if (literal.kind !== 'text' || field.kind !== 'text') throw bad(`No function signature for '${name}' fits.`);
  const test = { startswith: 'startsWith', endswith: 'endsWith', contains: 'includes' }[name.toLowerCase()];
  if (test === undefined) throw bad(`An unknown function with name '${name}' was found.`);
  return (entry) => {
    const value = field.of(entry);
    return typeof value === 'string' && value[test as 'startsWith'](literal.value);
  };
}

/** `machineTags/any(tag: tag eq 'finance')`. */
function anyFunction<T>(name: string, reader: Reader, fields: Fields<T>): Predicate<T> {
  const field = fieldOf(name, fields);
  let words = '';
  while (reader.peek()?.kind === 'word') words += `${reader.next().value} `;
  const literal = reader.next();
  expect(reader, ')');
  if (field.kind !== 'list' || literal.kind !== 'text' || !/^(\w+): ?\1 eq $/i.test(words)) {
    throw bad(`The condition on '${name}' is not valid.`);
  }
  return (entry) => {
    const values = field.of(entry);
    return Array.isArray(values) && values.includes(literal.value);
  };
}

function comparison<T>(name: string, reader: Reader, fields: Fields<T>): Predicate<T> {
  const field = fieldOf(name, fields);
  if (field.kind === 'list') throw bad(`'${name}' is a collection.`);
  const operator = reader.next().value.toLowerCase();
  if (operator === 'in') {
    const values = list(reader, field);
    return (entry) => values.some((value) => compare(norm(field, field.of(entry)), value) === 0);
  }
  const value = literal(reader.next(), field);
  const test = OPERATORS[operator];
  if (test === undefined) throw bad(`Unknown operator '${operator}'.`);
  return (entry) => test(compare(norm(field, field.of(entry)), value));
}

const OPERATORS: Record<string, (order: number | null) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order !== null && order > 0,
  ge: (order) => order !== null && order >= 0,
  lt: (order) => order !== null && order < 0,
  le: (order) => order !== null && order <= 0,
};

function list<T>(reader: Reader, field: Fields<T>[string]): Value[] {
  const values: Value[] = [];
  expect(reader, '(');
  do values.push(literal(reader.next(), field));
  while (reader.take('mark', ','));
  expect(reader, ')');
  return values;
}

function literal<T>(token: Token, field: Fields<T>[string]): Value {
  if (token.kind === 'word' && token.value === 'null') return null;
  if (field.kind === 'time') {
    const at = token.kind === 'word' ? Date.parse(token.value) : Number.NaN;
    if (Number.isNaN(at) || !token.value.includes('T')) throw bad('A time is written like 2021-02-04T15:36:52Z.');
    return at;
  }
  if (field.kind === 'number') {
    if (token.kind !== 'word' || !/^-?\d+$/.test(token.value)) throw bad('A number was expected.');
    return Number(token.value);
  }
  if (token.kind !== 'text') throw bad(`'${token.value}' must stand in single quotes.`);
  if (field.kind !== 'enum') return token.value;
  const known = field.values?.map((value) => value.toLowerCase());
  if (known !== undefined && !known.includes(token.value.toLowerCase())) {
    throw bad(`'${token.value}' is not a value of the enumeration.`);
  }
  return token.value.toLowerCase();
}

function norm<T>(field: Fields<T>[string], value: unknown): Value {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  return field.kind === 'enum' ? value.toLowerCase() : value;
}

function compare(a: Value, b: Value): number | null {
  if (a === b) return 0;
  if (a === null || b === null) return null;
  return a < b ? -1 : 1;
}
