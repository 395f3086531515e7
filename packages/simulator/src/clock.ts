import { performance } from 'node:perf_hooks';
import { istInstant } from './ist.js';

/** The only source of time for the pretend exchange. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Friday 2026-11-20, 10:00 IST: an ordinary trading day with every segment open. */
export const DEFAULT_START_MS = istInstant('2026-11-20 10:00:00');

/** Starts at the given instant and runs forward with real elapsed time, untouched by changes of the wall clock. */
export function runningClock(startMs: number = DEFAULT_START_MS): SimulatorClock {
  const startedAt = performance.now();
  return { now: () => startMs + Math.floor(performance.now() - startedAt) };
}

/** Stands still. Rate limits never drain under it, so raise them or turn them off. */
export function fixedClock(atMs: number): SimulatorClock {
  return { now: () => atMs };
}
