/** One finished call. */
export interface CallSample {
  /** Monotonic, when it ended. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly failed: boolean;
  /** True for an order command: a place, a change or a cancel. */
  readonly order: boolean;
}

/** Sums over the calls of a window. Rates are from 0 to 1, times in milliseconds. */
export interface CallTotals {
  readonly calls: number;
  readonly failures: number;
  readonly orders: number;
  readonly orderFailures: number;
  readonly averageMs: number | null;
}

const FEWEST = 8;
/** Fourteen calls a second for five minutes. A busier connection is judged by its newest 4096 calls. */
const MOST = 4_096;
const FAILED = 1;
const ORDER = 2;

/**
 * The calls of the last `windowMs`, in rings that grow with the traffic and shrink after it: an idle connection keeps
 * nothing. Adding and forgetting keep running sums, so that asking for them costs no walk.
 */
export class CallWindow {
  readonly #windowMs: number;
  #at: Float64Array | null = null;
  #took = new Float32Array(0);
  #marks = new Uint8Array(0);
  #first = 0;
  #count = 0;
  #failures = 0;
  #orders = 0;
  #orderFailures = 0;
  #tookMs = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get size(): number {
    return this.#count;
  }

  get failures(): number {
    return this.#failures;
  }

  /** When the oldest call leaves the window, monotonic; never while it is empty. */
  get nextChangeMs(): number {
    return this.#at === null || this.#count === 0 ? Infinity : this.#at[this.#first]! + this.#windowMs;
  }

  add({ atMs, tookMs, failed, order }: CallSample): void {
    this.forget(atMs);
    if (this.#at === null || this.#count === this.#at.length) this.#makeRoom();
    const slot = (this.#first + this.#count) % this.#took.length;
    this.#at![slot] = atMs;
    this.#took[slot] = tookMs;
    this.#marks[slot] = (failed ? FAILED : 0) | (order ? ORDER : 0);
    this.#count += 1;
    this.#sum(slot, 1);
  }

  /** Drops what is older than the window. */
  forget(nowMs: number): void {
    const before = this.#count;
    while (nowMs > this.nextChangeMs) this.#drop();
    if (this.#count < before) this.#giveBack();
  }

  totals(): CallTotals {
    return {
      calls: this.#count,
      failures: this.#failures,
      orders: this.#orders,
      orderFailures: this.#orderFailures,
      averageMs: this.#count === 0 ? null : this.#tookMs / this.#count,
    };
  }

  /** The times that half and 95 of 100 calls stayed within, by nearest rank; null for an empty window. */
  spread(): { readonly p50Ms: number; readonly p95Ms: number } | null {
    if (this.#count === 0) return null;
    const times = new Float32Array(this.#count);
    for (let at = 0; at < this.#count; at += 1) times[at] = this.#took[(this.#first + at) % this.#took.length]!;
    times.sort();
    const ranked = (share: number): number => times[Math.ceil(times.length * share) - 1]!;
    return { p50Ms: ranked(0.5), p95Ms: ranked(0.95) };
  }

  #sum(slot: number, sign: 1 | -1): void {
    const marks = this.#marks[slot]!;
    this.#failures += sign * (marks & FAILED);
    if ((marks & ORDER) !== 0) {
      this.#orders += sign;
      this.#orderFailures += sign * (marks & FAILED);
    }
    this.#tookMs += sign * this.#took[slot]!;
  }

  #drop(): void {
    this.#sum(this.#first, -1);
    this.#first = (this.#first + 1) % this.#took.length;
    this.#count -= 1;
  }

  #makeRoom(): void {
    const { length } = this.#took;
    if (length >= MOST) this.#drop();
    else this.#resize(Math.max(FEWEST, length * 2));
  }

  #giveBack(): void {
    if (this.#count === 0) this.#clear();
    else if (this.#count * 8 <= this.#took.length) this.#resize(Math.max(FEWEST, this.#took.length / 4));
  }

  #clear(): void {
    this.#at = null;
    this.#took = new Float32Array(0);
    this.#marks = new Uint8Array(0);
    this.#first = 0;
    this.#tookMs = 0; // what rounding left over
  }

  #resize(length: number): void {
    const at = new Float64Array(length);
    const took = new Float32Array(length);
    const marks = new Uint8Array(length);
    for (let moved = 0; moved < this.#count; moved += 1) {
      const slot = (this.#first + moved) % this.#took.length;
      at[moved] = this.#at![slot]!;
      took[moved] = this.#took[slot]!;
      marks[moved] = this.#marks[slot]!;
    }
    this.#at = at;
    this.#took = took;
    this.#marks = marks;
    this.#first = 0;
  }
}
