import type { Urgency } from './urgency.js';

/**
 * Stops calls to a broker that fails, per account and lane. Tuned for orders: an open breaker still lets cancels and
 * exits pass one at a time, since they reduce risk, and half-open it tries a read before it risks an entry.
 *
 * Numbers are from reliability.md D: trips on 5 failures in a row or half of at least 8 calls within 30 s; stays open
 * 15 s times the number of openings in a row, at most 300 s, with 20 % jitter.
 */
export interface BreakerOptions {
  readonly failuresInRow: number;
  readonly failureShare: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly longestOpenMs: number;
  readonly jitter: number;
  /** Good probes needed to leave half-open. */
  readonly probes: number;
  /** The order lane: after the probes, entries go one at a time until one is acknowledged. */
  readonly entriesOnTrial: boolean;
}

export const BREAKER_DEFAULTS: BreakerOptions = {
  failuresInRow: 5,
  failureShare: 0.5,
  minimumCalls: 8,
  windowMs: 30_000,
  openMs: 15_000,
  longestOpenMs: 300_000,
  jitter: 0.2,
  probes: 2,
  entriesOnTrial: false,
};

/** `failure` is an outage (unreachable, 5xx, timeout), `unknown` an order nobody can account for; both count. */
export type CallResult = 'success' | 'failure' | 'unknown';

export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number; readonly openings: number }
  | { readonly kind: 'half-open'; readonly openings: number; readonly goodProbes: number }
  | { readonly kind: 'trial'; readonly openings: number; readonly unknownInRow: number };

/** So many unknown outcomes in a row send a trial back to open (DESIGN section 7). */
const UNKNOWN_IN_A_ROW = 3;
const SLICES = 6;

export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #fraction: () => number;
  #state: BreakerState = { kind: 'closed' };
  #epoch = 0;
  #inRow = 0;
  /** Urgencies under way while not closed: each goes one at a time. */
  readonly #underway = new Set<Urgency>();
  // Calls of the last window in slices, so that counting costs two additions.
  readonly #calls = new Uint32Array(SLICES);
  readonly #failures = new Uint32Array(SLICES);
  #slice = 0;

  constructor(options: BreakerOptions, fraction: () => number) {
    this.#options = options;
    this.#fraction = fraction;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /**
   * Counts the states it was in. Whoever passed keeps the number and hands it back with the result: a result from an
   * earlier state says nothing about this one, and its place was given up with that state.
   */
  get epoch(): number {
    return this.#epoch;
  }

  /** 0 when the call may go; otherwise the time from which it is worth asking again. A passed call must be recorded. */
  pass(urgency: Urgency, nowMs: number): number {
    if (this.#state.kind === 'closed') return 0;
    if (this.#state.kind === 'open' && nowMs >= this.#state.untilMs) {
      this.#turn({ kind: 'half-open', openings: this.#state.openings, goodProbes: 0 });
    }
    const refusedUntil = this.#state.kind === 'open' ? this.#state.untilMs : nowMs + 1_000;
    if (!this.#lets(urgency) || this.#underway.has(urgency)) return refusedUntil;
    this.#underway.add(urgency);
    return 0;
  }

  /** A call that passed but never left: it says nothing about the broker. */
  release(urgency: Urgency, epoch: number): void {
    if (epoch === this.#epoch) this.#underway.delete(urgency);
  }

  record(urgency: Urgency, result: CallResult, nowMs: number, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#underway.delete(urgency);
    switch (this.#state.kind) {
      case 'closed':
        return this.#recordClosed(result, nowMs);
      case 'open':
        return;
      case 'half-open':
        return this.#recordHalfOpen(this.#state, urgency, result, nowMs);
      case 'trial':
        return this.#recordTrial(this.#state, urgency, result, nowMs);
    }
  }

  #lets(urgency: Urgency): boolean {
    switch (this.#state.kind) {
      case 'closed':
      case 'trial':
        return true;
      case 'open':
        return urgency === 'exit';
      case 'half-open':
        return urgency !== 'entry';
    }
  }

  #recordClosed(result: CallResult, nowMs: number): void {
    this.#turnTo(nowMs);
    this.#calls[this.#slice % SLICES]! += 1;
    if (result === 'success') {
      this.#inRow = 0;
      return;
    }
    this.#failures[this.#slice % SLICES]! += 1;
    this.#inRow += 1;
    if (this.#inRow >= this.#options.failuresInRow || this.#shareIsBad()) this.#open(1, nowMs);
  }

  #recordHalfOpen(
    state: BreakerState & { kind: 'half-open' },
    urgency: Urgency,
    result: CallResult,
    nowMs: number,
  ): void {
    if (result !== 'success') return this.#open(state.openings + 1, nowMs);
    if (urgency !== 'read') return;
    const goodProbes = state.goodProbes + 1;
    if (goodProbes < this.#options.probes) this.#state = { ...state, goodProbes };
    else if (this.#options.entriesOnTrial) this.#turn({ kind: 'trial', openings: state.openings, unknownInRow: 0 });
    else this.#close();
  }

  #recordTrial(state: BreakerState & { kind: 'trial' }, urgency: Urgency, result: CallResult, nowMs: number): void {
    if (result === 'failure') return this.#open(state.openings + 1, nowMs);
    if (result === 'success') {
      if (urgency === 'entry') this.#close();
      return;
    }
    const unknownInRow = state.unknownInRow + 1;
    if (unknownInRow >= UNKNOWN_IN_A_ROW) this.#open(state.openings + 1, nowMs);
    else this.#state = { ...state, unknownInRow };
  }

  #shareIsBad(): boolean {
    const calls = this.#calls.reduce((sum, count) => sum + count, 0);
    const failures = this.#failures.reduce((sum, count) => sum + count, 0);
    return calls >= this.#options.minimumCalls && failures / calls >= this.#options.failureShare;
  }

  /** Empties the slices that passed since the last call. */
  #turnTo(nowMs: number): void {
    const slice = Math.floor(nowMs / (this.#options.windowMs / SLICES));
    if (slice === this.#slice) return;
    const passed = Math.min(SLICES, slice - this.#slice);
    for (let back = 0; back < passed; back += 1) {
      this.#calls[(slice - back) % SLICES] = 0;
      this.#failures[(slice - back) % SLICES] = 0;
    }
    this.#slice = slice;
  }

  #open(openings: number, nowMs: number): void {
    const { openMs, longestOpenMs, jitter } = this.#options;
    const base = Math.min(longestOpenMs, openMs * openings);
    const untilMs = nowMs + base * (1 + jitter * (2 * this.#fraction() - 1));
    this.#turn({ kind: 'open', untilMs, openings });
  }

  #close(): void {
    this.#turn({ kind: 'closed' });
  }

  /** Into another state, with nothing carried over. */
  #turn(state: BreakerState): void {
    this.#state = state;
    this.#epoch += 1;
    this.#inRow = 0;
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#underway.clear();
  }
}
