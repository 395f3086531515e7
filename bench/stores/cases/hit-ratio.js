import { seeded } from '../../lib/shuffle.js';
import { loadCoreParts } from '../core-parts.js';
import { sessionKeepers } from '../keepers.js';

const CONNECTIONS = 5_000;
const CACHE = { max: 4_000, ttlMs: 300_000 };
const READS_A_MINUTE = 20;
const MINUTES_TO_A_CHANGE = 10;
const WARM_UP_MINUTES = 1;
const MEASURED_MINUTES = 2;
const MINUTE_MS = 60_000;

/** How many reads come together, and within how long. */
const PATTERNS = { even: { size: 1, withinMs: 0 }, bursts: { size: 4, withinMs: 1_000 } };

/** Plays the load in virtual time through core's own keepers; every read that goes to the store is a miss. */
export async function measure({ parts: path, share, seed, pattern }) {
  const parts = await loadCoreParts(path);
  const minutes = WARM_UP_MINUTES + MEASURED_MINUTES * share;
  const events = eventsOf(PATTERNS[pattern], minutes, seeded(seed));
  const virtual = { nowMs: 0 };
  const clock = {
    ...parts.systemClock(),
    now: () => 1_795_000_000_000 + virtual.nowMs,
    monotonic: () => virtual.nowMs,
  };
  const cache = new parts.SessionCache({ ...CACHE, monotonic: () => virtual.nowMs });
  const { keepers, counts, change, close } = await sessionKeepers(parts, { accounts: CONNECTIONS, clock, cache });
  const versions = new Uint32Array(CONNECTIONS).fill(1);

  let reads = 0;
  let before = null;
  for (const event of events) {
    const { atMs, connection, isChange } = decoded(event);
    virtual.nowMs = atMs;
    if (before === null && atMs >= WARM_UP_MINUTES * MINUTE_MS) before = { ...counts, ...cache.metrics() };
    if (isChange) {
      versions[connection] += 1;
      await change(connection, versions[connection]);
      keepers[connection].sessionChangedElsewhere();
      continue;
    }
    // As a call does: what is in memory, else whatever it takes.
    if (keepers[connection].current() === null) await keepers[connection].ensure();
    if (before !== null) reads += 1;
  }
  const { size, hits, misses } = cache.metrics();
  if (size > CACHE.max) throw new Error(`the cache holds ${size} sessions`);
  const counted = (hits - before.hits) / (hits - before.hits + misses - before.misses);
  await close();
  return {
    measures: {
      hits: 100 * (1 - (counts.reads - before.reads) / reads),
      counted: 100 * counted,
      ceiling: 100 * (1 - (1 - CACHE.max / CONNECTIONS) / PATTERNS[pattern].size),
    },
  };
}

/** Reads and changes of all connections at random moments, in the order of time; each is one number, to be sorted fast. */
function eventsOf({ size, withinMs }, minutes, random) {
  const bursts = (CONNECTIONS * READS_A_MINUTE * minutes) / size;
  const changes = (CONNECTIONS * minutes) / MINUTES_TO_A_CHANGE;
  const events = new Float64Array(bursts * size + changes);
  let next = 0;
  const add = (atMs, connection, isChange) => (events[next++] = encoded(atMs, connection, isChange));
  for (let burst = 0; burst < bursts; burst += 1) {
    const connection = Math.floor(random() * CONNECTIONS);
    const atMs = random() * minutes * MINUTE_MS;
    for (let read = 0; read < size; read += 1) add(atMs + random() * withinMs, connection, 0);
  }
  for (let change = 0; change < changes; change += 1) {
    add(random() * minutes * MINUTE_MS, Math.floor(random() * CONNECTIONS), 1);
  }
  return events.sort();
}

/** Connections have 13 bits. */
const encoded = (atMs, connection, isChange) => Math.floor(atMs * 10) * 16_384 + connection * 2 + isChange;
const decoded = (event) => ({
  atMs: Math.floor(event / 16_384) / 10,
  connection: (event % 16_384) >> 1,
  isChange: event % 2 === 1,
});
