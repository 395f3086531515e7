import { shuffled } from '../lib/shuffle.js';
import { spread } from '../lib/statistics.js';

/**
 * Runs several sides in turn, a block of calls at a time, in an order that is shuffled for each turn: what else the machine
 * does meanwhile falls on all of them alike.
 *
 * @param {Readonly<Record<string, (calls: number) => unknown>>} sides each makes so many calls
 * @param {{ readonly blocks: number, readonly calls: number, readonly random: () => number }} options
 * @returns {Promise<Record<string, number>>} of each side the median block's microseconds for one call
 */
export async function inTurns(sides, { blocks, calls, random }) {
  const names = Object.keys(sides);
  const took = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await sides[name](calls); // warm-up
  for (let block = 0; block < blocks; block += 1) {
    for (const name of shuffled(names, random)) {
      const began = performance.now();
      await sides[name](calls);
      took[name].push(((performance.now() - began) * 1_000) / calls);
    }
  }
  return Object.fromEntries(names.map((name) => [name, spread(took[name]).median]));
}

/** A side whose calls are made one after another. @param {() => Promise<unknown>} call */
export const oneByOne = (call) => async (calls) => {
  for (let made = 0; made < calls; made += 1) await call();
};

/** The same for calls that answer at once. @param {() => unknown} call */
export const atOnce = (call) => (calls) => {
  for (let made = 0; made < calls; made += 1) call();
};

/**
 * A side of so many callers, each of which makes its next call when the last one was answered.
 *
 * @param {number} callers
 * @param {() => Promise<unknown>} call
 * @param {number[]} [waits] gets the microseconds each call took
 */
export const together = (callers, call, waits) => async (calls) => {
  let left = calls;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      await call();
      waits?.push((performance.now() - began) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
};
