import type { TenantClock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Holds } from './holds.ts';
import type { Library } from './library.ts';
import type { Life } from './life.ts';
import type { Machines } from './machines.ts';
import { type Settings, settingsShape } from './options.ts';
import type { TenantControl } from './tenant.ts';

/** The object without the keys whose value is undefined, which a partial shape lets through. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}

/** What tests and the page may order. */
export function createOrders(deps: {
  settings: Settings;
  clock: TenantClock;
  machines: Machines;
  library: Library;
  faults: Faults;
  holds: Holds;
  life: Life;
  changed: () => void;
}): TenantControl {
  const { settings, clock, machines, library, faults, holds, life, changed } = deps;
  return {
    fault: faults.order,
    clearFaults: faults.clear,
    hold: (hold = {}) => faults.order({ kind: 'hold_after', ...hold }),
    release: holds.release,
    set(changes) {
      Object.assign(settings, settingsShape.partial().parse(changes));
      if (changes.speed !== undefined) clock.speed = changes.speed;
      changed();
    },
    advance(ms) {
      clock.advance(ms);
      changed();
    },
    machine({ id, ...changes }) {
      const machine = machines.find(id);
      if (machine === undefined) throw new Error(`There is no machine ${id}.`);
      Object.assign(machine, defined(changes));
      if (changes.reachable === true) life.wake(machine.id);
      changed();
    },
    putFile(change) {
      library.put({ ...defined(change), fileName: change.fileName, content: change.content }, clock.time());
      changed();
    },
    removeFile(fileName) {
      if (!library.remove(fileName)) throw new Error(`There is no file ${fileName}.`);
      changed();
    },
  };
}
