/** The door for tests: a clock that obeys, and, from the next step on, conformance suites for brokers and stores. */
export { createFakeClock, TRADING_DAY_MS } from './fake-clock.js';
export type { FakeClock, RunOptions } from './fake-clock.js';
