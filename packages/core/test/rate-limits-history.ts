import type { BudgetRequest, RateWindow } from '@algo/core/store';
import { EMPTY_BUDGET, grantPlaces } from '../src/stores/budget-grants.js';
import { BudgetPlaces } from '../src/resilience/budget-places.js';
import { RateLimiter } from '../src/resilience/rate-limiter.js';

/** The rule of the store, which a test may break. */
export type GrantRule = typeof grantPlaces;

export interface HistoryOptions {
  readonly rule?: GrantRule;
  /** From when a process counts the time it may use its places. */
  readonly holdFrom?: 'question' | 'answer';
}

/** What happened in one history of several processes. */
export interface History {
  readonly windows: readonly RateWindow[];
  /** When a request went, oldest first, in the time that the broker sees. */
  readonly sentAtMs: readonly number[];
  readonly crashes: number;
  readonly lost: number;
}

interface Process {
  /** Its clock minus the broker's. */
  offsetMs: number;
  places: BudgetPlaces;
  limiter: RateLimiter;
  /** Requests that wait for a place. */
  waiting: number;
  life: number;
}

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

const PROCESSES = 4;
const LENGTH_MS = 600;

/**
 * One random history on virtual time, without a promise: four processes send what they may over one budget in a store
 * that is slow, loses questions and answers, and whose clock goes back now and then; processes crash with places in
 * their hands and come back with another clock and no memory.
 */
export function playHistory(chance: () => number, options: HistoryOptions = {}): History {
  const { rule = grantPlaces, holdFrom = 'question' } = options;
  const upTo = (most: number): number => Math.floor(chance() * most);
  const windows: RateWindow[] = [];
  for (let count = 1 + upTo(3); count > 0; count -= 1) windows.push({ limit: 1 + upTo(8), perMs: 10 + upTo(250) });
  const holdMs = 2 + upTo(60);
  const slowestMs = chance() < 0.3 ? holdMs * 2 : holdMs / 3;
  const lossy = chance() < 0.5 ? 0.15 : 0;
  const sentAtMs: number[] = [];
  const events: Event[] = [];
  let nowMs = 0;
  let budget = EMPTY_BUDGET;
  let storeOffsetMs = 1_700_000_000_000 + upTo(1_000_000);
  let crashes = 0;
  let lost = 0;

  const later = (afterMs: number, run: () => void): void => {
    const event = { atMs: nowMs + afterMs, run };
    let place = events.length;
    while (place > 0 && (events[place - 1]?.atMs ?? 0) < event.atMs) place -= 1; // the next one stands last
    events.splice(place, 0, event);
  };

  const start = (life: number): Process => ({
    offsetMs: upTo(1_000_000) - 500_000,
    places: new BudgetPlaces({ windows, holdMs, retryMs: 5 }),
    limiter: new RateLimiter(windows),
    waiting: 0,
    life,
  });

  const ask = (process: Process): void => {
    const { places, offsetMs, life } = process;
    const askedAtMs = nowMs + offsetMs;
    const wanted = places.ask(askedAtMs);
    if (wanted === 0) return;
    const fail = (): void => {
      if (process.life === life && places.isAsking) places.failed(nowMs + offsetMs);
      serve(process);
    };
    if (chance() < lossy / 2) {
      lost += 1;
      return later(holdMs, fail); // the question never arrives
    }
    later(chance() * slowestMs, () => {
      const request: BudgetRequest = { scope: 's', windows, places: wanted, holdMs };
      const { state, grant } = rule(budget, request, nowMs + storeOffsetMs);
      budget = state;
      if (chance() < lossy / 2) {
        lost += 1;
        return later(holdMs, fail); // the answer never arrives
      }
      later(chance() * slowestMs, () => {
        if (process.life !== life) return;
        const answeredAtMs = nowMs + offsetMs;
        places.answered(askedAtMs, grant, answeredAtMs);
        if (holdFrom === 'answer' && grant.granted > 0) stretch(places, grant.granted, answeredAtMs);
        serve(process);
      });
    });
  };

  const serve = (process: Process): void => {
    const { places, limiter, offsetMs, life } = process;
    const localMs = nowMs + offsetMs;
    while (process.waiting > 0) {
      const wait = limiter.waitMs(localMs);
      if (wait === 0 && places.atHand(localMs) > 0) {
        limiter.use(localMs);
        if (places.use(localMs)) ask(process);
        sentAtMs.push(nowMs);
        process.waiting -= 1;
        continue;
      }
      if (wait === 0) ask(process);
      const again = Math.max(ROUNDING_MS, wait > 0 ? wait : places.waitMs(localMs));
      if (!places.isAsking && nowMs + again < LENGTH_MS) {
        later(again, () => {
          if (process.life === life) serve(process);
        });
      }
      return;
    }
  };

  for (let index = 0; index < PROCESSES; index += 1) {
    const process = start(0);
    for (let bursts = 1 + upTo(3); bursts > 0; bursts -= 1) {
      later(chance() * LENGTH_MS * 0.7, () => {
        process.waiting += 1 + upTo(6);
        serve(process);
      });
    }
    if (chance() < 0.25) {
      later(chance() * LENGTH_MS * 0.7, () => {
        crashes += 1;
        Object.assign(process, start(process.life + 1), { waiting: 1 + upTo(4) });
        serve(process);
      });
    }
  }
  if (chance() < 0.2) later(chance() * LENGTH_MS, () => (storeOffsetMs -= upTo(300)));
  for (let event = events.pop(); event !== undefined && event.atMs < LENGTH_MS; event = events.pop()) {
    nowMs = event.atMs;
    event.run();
  }
  return { windows, sentAtMs, crashes, lost };
}

/** What a process would do that counted its time from the answer: places that the store holds for given up are used. */
function stretch(places: BudgetPlaces, granted: number, answeredAtMs: number): void {
  places.ask(answeredAtMs);
  places.answered(answeredAtMs, { granted, waitMs: 0 }, answeredAtMs);
}

/** The window that some sliding stretch holds too many requests of; null when all hold. */
export function brokenWindow({ windows, sentAtMs }: History): RateWindow | null {
  for (const window of windows) {
    for (let at = 0; at + window.limit < sentAtMs.length; at += 1) {
      if ((sentAtMs[at + window.limit] ?? 0) - (sentAtMs[at] ?? 0) < window.perMs - ROUNDING_MS) return window;
    }
  }
  return null;
}

/** Whether a window was filled to its limit: a history in which nothing is scarce shows nothing. */
export function wasScarce({ windows, sentAtMs }: History): boolean {
  return windows.some(({ limit, perMs }) =>
    sentAtMs.some((from, at) => (sentAtMs[at + limit - 1] ?? Infinity) - from < perMs),
  );
}

/** Moments are sums of fractions, and the last digits of an epoch time are 0.0002 ms apart. */
const ROUNDING_MS = 0.01;

/** mulberry32: a fraction from 0 to 1, the same ones for the same seed. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
