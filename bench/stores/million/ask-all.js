import { percentile } from '../../lib/statistics.js';
import { seeded } from '../../lib/shuffle.js';
import { QUERIES } from './queries.js';
import { pick } from './shape.js';

const CALLS = 300;

/**
 * Asks a journal everything, each question for other users.
 *
 * @param {import('@algo/core/store').OrderJournal} journal
 * @param {{ readonly share: number, readonly seed: number, readonly sentFor: (ask: () => Promise<unknown>) => Promise<object> }} options
 *   `sentFor` gives the statement that a call sends
 */
export async function askAll(journal, { share, seed, sentFor }) {
  const random = seeded(seed);
  const questions = [];
  const sent = [];
  for (const { name, ask, isRight } of QUERIES) {
    sent.push([name, await sentFor(() => ask(journal, pick(random)))]);
    const took = [];
    for (let call = 0; call < CALLS * share; call += 1) {
      const wanted = pick(random);
      const began = performance.now();
      const answer = await ask(journal, wanted);
      took.push(performance.now() - began);
      if (!isRight(answer, wanted)) throw new Error(`${name} gave a wrong answer for ${JSON.stringify(wanted)}`);
    }
    questions.push({ name, p50: percentile(took, 0.5), p95: percentile(took, 0.95), max: Math.max(...took) });
  }
  return { questions, measures: { slowest: Math.max(...questions.map(({ p95 }) => p95)) }, sent };
}
