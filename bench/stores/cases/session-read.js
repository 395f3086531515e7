import { seeded } from '../../lib/shuffle.js';
import { atOnce, inTurns } from '../blocks.js';
import { loadCoreParts } from '../core-parts.js';
import { sessionKeepers } from '../keepers.js';

const ACCOUNTS = 4_000;
/** A block is over in a millisecond, before the scheduler takes the processor away. */
const CALLS = { blocks: 400, calls: 5_000 };
/** As `createAlgo` sets them. */
const CACHE = { max: 10_000, ttlMs: 300_000 };

/** `SessionKeeper.current()`, which every call begins with: the session from memory if it has not ended. */
export async function measure({ parts: path, share, seed }) {
  const parts = await loadCoreParts(path);
  const clock = parts.systemClock();
  const cache = new parts.SessionCache({ ...CACHE, monotonic: () => clock.monotonic() });
  const { keepers, counts, close } = await sessionKeepers(parts, { accounts: ACCOUNTS, clock, cache });
  for (const keeper of keepers) await keeper.ensure();
  const names = keepers.map((_, number) => JSON.stringify([`user-${number}`, 'dhan', 'main']));
  const map = new Map(names.map((name, number) => [name, keepers[number].current()]));

  const random = seeded(seed);
  const order = Uint32Array.from({ length: 1 << 16 }, () => Math.floor(random() * ACCOUNTS));
  let turn = 0;
  const next = () => order[(turn = (turn + 1) & 0xffff)];
  let missing = 0;
  const expect = (session) => {
    if (session === null) missing += 1;
  };
  /** The least there is to do: find it, and see that it has not ended. */
  const inMap = (name) => {
    const session = map.get(name);
    return session.expiresAtMs > Date.now() ? session : null;
  };
  const opened = counts.opened + counts.reads;
  const measures = await inTurns(
    {
      one: atOnce(() => expect(keepers[7].current())),
      mapOne: atOnce(() => expect(inMap(names[7]))),
      many: atOnce(() => expect(keepers[next()].current())),
      mapMany: atOnce(() => expect(inMap(names[next()]))),
    },
    { blocks: Math.ceil(CALLS.blocks * share), calls: CALLS.calls, random },
  );
  if (missing > 0) throw new Error(`${missing} sessions were not there`);
  const nanoseconds = Object.entries(measures).map(([name, us]) => [name, us * 1_000]);
  await close();
  return { measures: { ...Object.fromEntries(nanoseconds), opened: counts.opened + counts.reads - opened } };
}
