import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const CORE = fileURLToPath(new URL('../../packages/core/src/', import.meta.url));

/** The parts every call of ours goes through; no door gives them, so their sources are bundled. */
const PARTS = `
export { BREAKER_DEFAULTS, CircuitBreaker } from './resilience/circuit-breaker.js';
export { Deadline } from './resilience/deadline.js';
export { RateLimiter } from './resilience/rate-limiter.js';
export { RetryBudget, retryRead } from './resilience/retry-reads.js';
export { systemClock } from './runtime/clock.js';
export { createTicker } from './runtime/ticker.js';
`;

/** @param {string} outfile ending in `.mjs` */
export async function bundleParts(outfile) {
  await build({
    stdin: { contents: PARTS, resolveDir: CORE, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    external: ['p-retry'],
    outfile,
  });
}

/** Two windows that are really looked up and never full. */
const WINDOWS = [
  { limit: 65_536, perMs: 10 },
  { limit: 65_536, perMs: 20 },
];

/** Limiter, breaker, deadline and retry around one call, as `CallRunner` puts them together. */
export async function openOurs(path) {
  const parts = await import(pathToFileURL(path).href);
  const clock = parts.systemClock();
  const ticker = parts.createTicker(clock);
  const monotonic = () => clock.monotonic();
  const fraction = () => 0.5;
  const limiter = new parts.RateLimiter(WINDOWS);
  const breaker = new parts.CircuitBreaker(parts.BREAKER_DEFAULTS, fraction);
  const budget = new parts.RetryBudget();

  const once = async (work) => {
    const began = monotonic();
    if (limiter.take(began) > 0) throw new Error('the limiter is full');
    if (breaker.pass('read', began) > 0) throw new Error('the breaker is open');
    const { epoch } = breaker;
    const value = await work();
    breaker.record('read', 'success', monotonic(), epoch);
    return value;
  };
  const retries = (deadline) => ({
    tries: 3,
    clock,
    fraction,
    remainingMs: () => deadline.remainingMs(),
    leastWaitMs: () => 0,
    spend: () => budget.spend(monotonic()),
  });
  const run = async (work) => {
    const deadline = new parts.Deadline(10_000, monotonic, ticker);
    budget.call(monotonic());
    try {
      return await parts.retryRead(
        () => once(work),
        () => retries(deadline),
      );
    } finally {
      deadline.done();
    }
  };
  return { run, close: () => ticker.close() };
}
