import { type Import, importsOf, type Source } from './imports.ts';

/** A law of the house: what breaks it, one line each, for all sources. */
export type Law = (sources: readonly Source[]) => string[];

/** The floors from the ground up. A folder stands for the file of the same name too. */
const FLOORS: readonly (readonly string[])[] = [
  ['errors', 'nearest'],
  ['model'],
  ['actions', 'policy', 'config'],
  ['flow'],
  ['outbound'],
  ['entra'],
  ['chat', 'defender', 'store', 'http', 'log', 'manifest'],
  ['read-budget', 'work', 'policy-file', 'judging', 'foreign-actions'],
  ['app', 'doctor'],
  ['playground'],
  ['cli'],
];

const unitOf = (path: string): string => (path.split('/')[0] ?? path).replace(/\.ts$/, '');
const floorOf = (path: string): number => FLOORS.findIndex((floor) => floor.includes(unitOf(path)));
const all = (sources: readonly Source[]): Import[] => sources.flatMap(importsOf);
const inside = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path === place || path.startsWith(`${place}/`));

/** Law 1, first half: everything has a floor, and imports run down only. */
export const downOnly: Law = (sources) => [
  ...sources.filter(({ path }) => floorOf(path) === -1).map(({ path }) => `${path} has no floor`),
  ...all(sources).flatMap(({ from, file }) =>
    file !== null && unitOf(from) !== unitOf(file) && floorOf(from) <= floorOf(file)
      ? [`${from} imports ${file}, which is not below it`]
      : [],
  ),
];

/** Packages without a service, a network or a platform behind them. */
const PLAIN = ['zod', 'yaml', 'picomatch', 'fastest-levenshtein'];

/** Law 1, second half: what decides and what is remembered knows no SDK. */
export const noSdkInside: Law = (sources) =>
  all(sources).flatMap(({ from, package: name }) =>
    name !== null && !name.startsWith('node:') && !PLAIN.includes(name) && floorOf(from) <= FLOORS.findIndex(isFlow)
      ? [`${from} imports ${name}`]
      : [],
  );

const isFlow = (floor: readonly string[]): boolean => floor.includes('flow');

/** Where a package may be imported, its types included. What isn't named here may be used on any upper floor. */
const HOMES: readonly [packages: RegExp, places: readonly string[]][] = [
  [/^@slack\//, ['chat/slack']],
  [/^(?:botbuilder|botframework-.*)$/, ['chat/teams']],
  [/^adaptivecards$/, ['playground']],
  [/^axios$/, ['outbound']],
  [/^@azure\/msal-/, ['entra']],
  [/^(?:pg|pg-boss|kysely|@electric-sql\/.*)$/, ['store']],
  [/^express$/, ['http', 'chat/slack', 'chat/teams', 'playground']],
  [/^ws$/, ['chat/slack', 'playground']],
  [/^prom-client$/, ['http']],
  [/^pino$/, ['log.ts']],
  [/^commander$/, ['cli.ts']],
  [/^(?:react|react-dom|slack-blocks-to-jsx)$/, ['playground/page']],
];

/** Law 2: each SDK stays in its own room. */
export const sdksAtHome: Law = (sources) =>
  all(sources).flatMap(({ from, package: name }) => {
    const homes = name === null ? undefined : HOMES.find(([packages]) => packages.test(name))?.[1];
    return homes !== undefined && !inside(from, homes) ? [`${from} imports ${name}, whose home is ${homes[0]}`] : [];
  });

/** Who in `flow/` may call what of the outside. The steps of dispatch and collect have files of their own. */
const SPEAKERS: readonly [calls: RegExp, stages: readonly string[]][] = [
  [/\bchat\s*\??\.(?:post|edit|reply|answer)\(/, ['report']],
  [
    /\bdefender\s*\.(?:submit|cancel|actions|actionsOf|actionsOn)\(/,
    ['dispatch', 'look-ahead', 'send', 'reconcile', 'cancel', 'watch'],
  ],
  [/\bdefender\s*\.(?:scriptResult|resultLink)\(/, ['collect', 'results']],
];

/** Law 3: only `report` speaks to a chat; only the stages that run things reach what runs at Defender. */
export const fewSpeakers: Law = (sources) =>
  sources
    .filter(({ path }) => unitOf(path) === 'flow')
    .flatMap(({ path, text }) =>
      SPEAKERS.flatMap(([calls, stages]) => {
        const call = calls.exec(text)?.[0];
        const mine = stages.some((stage) => path === `flow/${stage}.ts` || path.startsWith(`flow/${stage}/`));
        return call !== undefined && !mine ? [`${path} calls ${call}…), which is for ${stages.join(', ')}`] : [];
      }),
    );

const PEEKS =
  /\b(?:thread|message|place|replyTo|channel)\.(?:split|slice|substring|startsWith|endsWith|match|replace|indexOf)\(/;

/** Law 4: what a platform's `thread.ts` writes, nobody else reads; and platforms don't know each other. */
export const opaqueHandles: Law = (sources) => [
  ...all(sources).flatMap(({ from, file }) => {
    const home = file === null ? undefined : /^chat\/(?<platform>[a-z]+)\//.exec(file)?.[0];
    const other = /^chat\/(?<platform>[a-z]+)\//.exec(from)?.[0];
    if (home === undefined || from.startsWith(home)) return [];
    return file === `${home}thread.ts` || other !== undefined ? [`${from} imports ${file}`] : [];
  }),
  ...sources
    .filter(({ path, text }) => unitOf(path) === 'flow' && PEEKS.test(text))
    .map(({ path, text }) => `${path} looks into an opaque handle: ${PEEKS.exec(text)?.[0]}…)`),
];

/** Law 5: nothing that production starts imports the playground; the command line loads it only when asked to. */
export const noPlaygroundInProduction: Law = (sources) =>
  all(sources).flatMap(({ from, file, dynamic }) =>
    file !== null && unitOf(file) === 'playground' && unitOf(from) !== 'playground' && !(from === 'cli.ts' && dynamic)
      ? [`${from} imports ${file}`]
      : [],
  );

/** No file imports itself, by whatever way round. */
export const noCircles: Law = (sources) => {
  const targets = new Map(sources.map((source) => [source.path, importsOf(source).flatMap(({ file }) => file ?? [])]));
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
    else if (!done.has(path)) {
      for (const target of targets.get(path) ?? []) walk(target, [...way, path]);
      done.add(path);
    }
  };
  for (const { path } of sources) walk(path, []);
  return circles;
};
