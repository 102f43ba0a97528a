import { ChatError } from '../errors.ts';
import { type Home, homeSaying } from '../model/home.ts';
import type { Person, PersonRef } from '../model/person.ts';
import { chatOf, type Deps, judgeVisit } from './deps.ts';
import { groundsOf } from './grounds.ts';
import { entriesOf } from './home-entries.ts';
import { type Listed, listsFor } from './home-lists.ts';

/** So many requests stand on one page. */
const PAGE = 12;

const NOT_CHECKED = 'I couldn’t check who you are, so I show nothing. Refresh in a minute.';

/**
 * One page of what a person reads at home, from the records as they are now; null where this delivery was taken before. `offset`
 * is where the page begins. Who has no right to read is told whom to ask, and nothing else.
 */
export async function homeOf(
  deps: Deps,
  asked: { delivery: string; person: PersonRef; offset: number },
): Promise<Home | null> {
  const person = await lookedUp(deps, asked.person);
  const may = person === null ? null : await judgeVisit(deps, 'read', person);
  const reader = may?.ok === true ? person : null;
  if (!(await taken(deps, asked, reader))) return null;
  if (reader !== null) return pageFor(deps, reader, asked.offset);
  return homeSaying(deps.clock.now(), may?.ok === false ? may.sentence : NOT_CHECKED);
}

async function lookedUp(deps: Deps, person: PersonRef): Promise<Person | null> {
  try {
    return await chatOf(deps, person.platform).lookUp(person, { fresh: false });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return null;
  }
}

/** Takes the delivery, once. That somebody has read is written down; that somebody was told nothing is not. */
async function taken(
  deps: Deps,
  { delivery, offset }: { delivery: string; offset: number },
  reader: Person | null,
): Promise<boolean> {
  return deps.store.transaction(async (tx) => {
    if (!(await tx.takeDelivery(delivery))) return false;
    if (reader !== null) {
      await tx.audit({ actor: reader, action: 'home.opened', data: { offset, ...groundsOf(deps.policy(), reader) } });
    }
    return true;
  });
}

async function pageFor(deps: Deps, person: Person, offset: number): Promise<Home> {
  const at = deps.clock.now();
  const lists = await listsFor(deps, person);
  const all = lists.flatMap(({ items }) => items);
  // What was shown may have become less since: then the last page is as good as it gets.
  const from = Math.min(offset, Math.max(0, Math.ceil(all.length / PAGE) - 1) * PAGE);
  const shown = new Set(all.slice(from, from + PAGE));
  const sections = await Promise.all(
    lists.filter((list) => isOn(list, shown, from)).map((list) => sectionOf(deps, person, list, shown)),
  );
  const older = from + PAGE < all.length ? from + PAGE : null;
  return {
    at,
    notices: [],
    sections,
    offset: from,
    newer: from === 0 ? null : Math.max(0, from - PAGE),
    older,
    footer: older === null && lists.at(-1)?.more === true ? '“history <machine>” tells of older ones.' : null,
  };
}

/** Empty sections stand on the first page, where people look for them. */
function isOn({ items }: Listed, shown: ReadonlySet<unknown>, from: number): boolean {
  return items.length === 0 ? from === 0 : items.some((item) => shown.has(item));
}

async function sectionOf(deps: Deps, person: Person, list: Listed, shown: ReadonlySet<unknown>) {
  const items = list.items.filter((item) => shown.has(item));
  const continued = items.length > 0 && items[0] !== list.items[0];
  const count = list.items.length === 0 ? '' : ` (${list.items.length}${list.more ? ' or more' : ''})`;
  return {
    title: `${list.title}${count}${continued ? ', continued' : ''}`,
    entries: await entriesOf(deps, person, items),
    none: list.none,
  };
}
