/** `npm run test:full`: the counts of the promises, instead of a tenth of them. */
export const FULL = process.env['ALGO_TEST_FULL'] === '1';

/** A fresh seed for one test, printed. */
export function freshRandom(what: string): () => number {
  const seed = Date.now() % 2 ** 31;
  console.info(`${what}: seed ${seed}`);
  return randomFrom(seed);
}

/** Numbers from 0 to 1 by mulberry32, from a seed that is said so that a run can be looked at again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
