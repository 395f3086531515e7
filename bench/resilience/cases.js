import { openOurs } from './ours.js';

export const OURS = 'algo';
export const FLOOR = 'bare';
export const TARGET_PEER = 'cockatiel';

/**
 * Every way to guard a call, by name. `open` gives `run(work)` and what closes it; each is imported only in the process
 * that measures it.
 */
export const CASES = [
  { name: FLOOR, label: 'bare await', open: async () => ({ run: async (work) => work() }) },
  { name: OURS, label: 'ours: limiter + breaker + deadline + retry', open: ({ parts }) => openOurs(parts) },
  { name: 'cockatiel', label: 'cockatiel: retry + breaker + timeout, no limiter', open: openCockatiel },
  { name: 'opossum', label: 'opossum: breaker + timeout, no limiter, no retry', open: openOpossum },
  { name: 'p-retry', label: 'p-retry: retry alone', open: openRetry },
  { name: 'p-queue', label: 'p-queue: rate interval alone', open: openQueue },
];

async function openCockatiel() {
  const { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleAll, retry, timeout, TimeoutStrategy, wrap } =
    await import('cockatiel');
  const policy = wrap(
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 15_000, breaker: new ConsecutiveBreaker(5) }),
    timeout(10_000, TimeoutStrategy.Aggressive),
  );
  return { run: (work) => policy.execute(work) };
}

async function openOpossum() {
  const { default: CircuitBreaker } = await import('opossum');
  const breaker = new CircuitBreaker((work) => work(), { timeout: 10_000, resetTimeout: 15_000 });
  return { run: (work) => breaker.fire(work), close: () => breaker.shutdown() };
}

async function openRetry() {
  const { default: pRetry } = await import('p-retry');
  return { run: (work) => pRetry(work, { retries: 2 }) };
}

async function openQueue() {
  const { default: PQueue } = await import('p-queue');
  const queue = new PQueue({ interval: 10, intervalCap: 65_536 });
  return { run: (work) => queue.add(work) };
}
