import { percentile } from '../lib/statistics.js';

/**
 * @typedef {object} Measured
 * @property {number} cpuUs user and system time of this process, per call
 * @property {number} perSecond
 * @property {number} p50Us
 * @property {number} p99Us
 */

/**
 * Places `calls` orders with `inFlight` of them under way at any time.
 *
 * @param {{ place(number: number): Promise<unknown>, accepted(answer: any): boolean }} client
 * @param {number} first number of the first order
 * @param {number} calls
 * @param {number} inFlight
 * @returns {Promise<Measured>}
 */
export async function measure(client, first, calls, inFlight) {
  const took = new Float64Array(calls);
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const index = next;
      next += 1;
      const began = performance.now();
      const answer = await client.place(first + index);
      took[index] = performance.now() - began;
      if (!client.accepted(answer))
        throw new Error(`order ${first + index} was not accepted: ${JSON.stringify(answer)}`);
    }
  };
  await quiet();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, worker));
  const wallMs = performance.now() - began;
  await quiet(); // what a client does after its answer belongs to the order too
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuUs: (user + system) / calls,
    perSecond: (calls / wallMs) * 1_000,
    p50Us: percentile(took, 0.5) * 1_000,
    p99Us: percentile(took, 0.99) * 1_000,
  };
}

/** A few turns of the event loop, so that writes that follow an answer are done. */
async function quiet() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
