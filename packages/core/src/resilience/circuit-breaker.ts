import { classOf } from './urgency.js';
import type { Urgency, UrgencyClass } from './urgency.js';

/**
 * Stops calls to a broker that fails, per account and lane. Tuned for orders: an open breaker still lets cancels and
 * exits pass one at a time, since they reduce risk, and half-open it tries a read before it risks an entry.
 *
 * Numbers are from reliability.md D: trips on 5 failures in a row or half of at least 8 calls within 30 s; stays open
 * 15 s times the number of openings in a row, at most 300 s, with 20 % jitter. An opening within 60 s of the last closing
 * is one more in that row: a broker that flaps is left alone for longer each time.
 */
export interface BreakerOptions {
  readonly failuresInRow: number;
  readonly failureShare: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly longestOpenMs: number;
  readonly jitter: number;
  /** Closed for so long, it counts its openings from one again. */
  readonly healthyMs: number;
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
  healthyMs: 60_000,
  probes: 2,
  entriesOnTrial: false,
};

/** `failure` is an outage (unreachable, 5xx, timeout), `unknown` an order nobody can account for; both count. */
export type CallResult = 'success' | 'failure' | 'unknown';

/** `untilMs` is on the clock of whoever shows it. `manual`: a person opened it; without an end it is `Infinity`. */
export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number; readonly openings: number; readonly manual?: true }
  | { readonly kind: 'half-open'; readonly openings: number; readonly goodProbes: number }
  | { readonly kind: 'trial'; readonly openings: number; readonly unknownInRow: number };

/** So many unknown outcomes in a row send a trial back to open (DESIGN section 7). */
const UNKNOWN_IN_A_ROW = 3;
const SLICES = 6;
const NONE: readonly UrgencyClass[] = [];

/** Told of every change from one kind of state to another, and of every further opening. */
export type OnBreakerChange = (state: BreakerState, previous: BreakerState) => void;

export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #fraction: () => number;
  readonly #onChange: OnBreakerChange;
  #state: BreakerState = { kind: 'closed' };
  #epoch = 0;
  #inRow = 0;
  /** The last closing, and the openings in a row before it. */
  #closing = { atMs: -Infinity, openings: 0 };
  /** Urgencies under way while not closed: each goes one at a time. */
  #underway: readonly UrgencyClass[] = NONE;
  /** Of the last window in slices, calls and behind them failures; made with the first call, since many lanes see none. */
  #counts: Uint32Array | null = null;
  #slice = 0;

  constructor(options: BreakerOptions, fraction: () => number, onChange: OnBreakerChange = () => undefined) {
    this.#options = options;
    this.#fraction = fraction;
    this.#onChange = onChange;
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
    this.wake(nowMs);
    const refusedUntil = this.#refusedUntil(nowMs);
    if (!this.#lets(classOf(urgency)) || this.#underway.includes(classOf(urgency))) return refusedUntil;
    this.#underway = [...this.#underway, classOf(urgency)];
    return 0;
  }

  /** From when it may be tried, so that it need not wait for a call; never while nothing is to be tried. */
  get tryFromMs(): number {
    if (this.#state.kind === 'open') return this.#state.untilMs;
    return this.#state.kind === 'half-open' && !this.#underway.includes('read') ? -Infinity : Infinity;
  }

  /** Half-open once its time is over, also when nobody calls. */
  wake(nowMs: number): void {
    if (this.#state.kind !== 'open' || nowMs < this.#state.untilMs) return;
    this.#turn({ kind: 'half-open', openings: this.#state.openings, goodProbes: 0 });
  }

  /** Opened by hand, for so long or until closed by hand; exits still pass one at a time. */
  open(forMs: number | null, nowMs: number): void {
    const openings = this.#state.kind === 'closed' ? this.#openingsInRow(nowMs) : this.#state.openings;
    this.#turn({ kind: 'open', untilMs: nowMs + (forMs ?? Infinity), openings, manual: true });
  }

  /** Closed by hand, and what was before is forgotten. */
  close(): void {
    this.#closing = { atMs: -Infinity, openings: 0 };
    if (this.#state.kind !== 'closed') this.#turn({ kind: 'closed' });
  }

  /** A call that passed but never left: it says nothing about the broker. */
  release(urgency: Urgency, epoch: number): void {
    if (epoch === this.#epoch) this.#ended(urgency);
  }

  record(urgency: Urgency, result: CallResult, nowMs: number, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#ended(urgency);
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

  #ended(urgency: Urgency): void {
    if (this.#underway.length > 0) this.#underway = this.#underway.filter((each) => each !== classOf(urgency));
  }

  #lets(urgency: UrgencyClass): boolean {
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
    const counts = (this.#counts ??= new Uint32Array(2 * SLICES));
    this.#turnTo(counts, nowMs);
    const slot = this.#slice % SLICES;
    counts[slot]! += 1;
    if (result === 'success') {
      this.#inRow = 0;
      return;
    }
    counts[SLICES + slot]! += 1;
    this.#inRow += 1;
    if (this.#inRow < this.#options.failuresInRow && !this.#shareIsBad(counts)) return;
    this.#open(this.#openingsInRow(nowMs), nowMs);
  }

  #recordHalfOpen(
    state: BreakerState & { kind: 'half-open' },
    urgency: Urgency,
    result: CallResult,
    nowMs: number,
  ): void {
    if (result !== 'success') return this.#open(state.openings + 1, nowMs);
    if (classOf(urgency) !== 'read') return;
    const goodProbes = state.goodProbes + 1;
    if (goodProbes < this.#options.probes) this.#state = { ...state, goodProbes };
    else if (this.#options.entriesOnTrial) this.#turn({ kind: 'trial', openings: state.openings, unknownInRow: 0 });
    else this.#closeAfter(state, nowMs);
  }

  #recordTrial(state: BreakerState & { kind: 'trial' }, urgency: Urgency, result: CallResult, nowMs: number): void {
    if (result === 'failure') return this.#open(state.openings + 1, nowMs);
    if (result === 'success') {
      if (classOf(urgency) === 'entry') this.#closeAfter(state, nowMs);
      return;
    }
    const unknownInRow = state.unknownInRow + 1;
    if (unknownInRow >= UNKNOWN_IN_A_ROW) this.#open(state.openings + 1, nowMs);
    else this.#state = { ...state, unknownInRow };
  }

  #shareIsBad(counts: Uint32Array): boolean {
    let calls = 0;
    let failures = 0;
    for (let slot = 0; slot < SLICES; slot += 1) {
      calls += counts[slot]!;
      failures += counts[SLICES + slot]!;
    }
    return calls >= this.#options.minimumCalls && failures / calls >= this.#options.failureShare;
  }

  /** Empties the slices that passed since the last call. */
  #turnTo(counts: Uint32Array, nowMs: number): void {
    const slice = Math.floor(nowMs / (this.#options.windowMs / SLICES));
    if (slice === this.#slice) return;
    const passed = Math.min(SLICES, slice - this.#slice);
    for (let back = 0; back < passed; back += 1) {
      counts[(slice - back) % SLICES] = 0;
      counts[SLICES + ((slice - back) % SLICES)] = 0;
    }
    this.#slice = slice;
  }

  #open(openings: number, nowMs: number): void {
    const { openMs, longestOpenMs, jitter } = this.#options;
    const base = Math.min(longestOpenMs, openMs * openings);
    const untilMs = nowMs + base * (1 + jitter * (2 * this.#fraction() - 1));
    this.#turn({ kind: 'open', untilMs, openings });
  }

  #closeAfter({ openings }: { readonly openings: number }, nowMs: number): void {
    this.#closing = { atMs: nowMs, openings };
    this.#turn({ kind: 'closed' });
  }

  #openingsInRow(nowMs: number): number {
    const { atMs, openings } = this.#closing;
    return nowMs - atMs <= this.#options.healthyMs ? openings + 1 : 1;
  }

  /** One opened by hand may be closed by hand at any moment, so it is worth asking again within the longest opening. */
  #refusedUntil(nowMs: number): number {
    if (this.#state.kind !== 'open') return nowMs + 1_000;
    return Math.min(this.#state.untilMs, nowMs + this.#options.longestOpenMs * (1 + this.#options.jitter));
  }

  /** Into another state, with nothing carried over. */
  #turn(state: BreakerState): void {
    const previous = this.#state;
    this.#state = state;
    this.#epoch += 1;
    this.#inRow = 0;
    this.#counts = null;
    this.#underway = NONE;
    this.#onChange(state, previous);
  }
}
