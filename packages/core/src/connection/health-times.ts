/** More than this within one window are not told apart. */
const MOST = 256;

/** How often something happened within the last `windowMs`, to the millisecond; at most 256. Empty it holds nothing. */
export class RecentTimes {
  readonly #windowMs: number;
  #times: number[] | null = null;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(nowMs: number): void {
    const times = (this.#times ??= []);
    times.push(nowMs);
    if (times.length > MOST) times.shift();
  }

  count(nowMs: number): number {
    const times = this.#times;
    if (times === null) return 0;
    const old = times.findIndex((at) => nowMs - at <= this.#windowMs);
    if (old === -1) this.#times = null;
    else if (old > 0) times.splice(0, old);
    return this.#times?.length ?? 0;
  }

  /** When the oldest leaves the window; never while there is none. */
  get nextChangeMs(): number {
    const oldest = this.#times?.[0];
    return oldest === undefined ? Infinity : oldest + this.#windowMs;
  }
}

const MINUTES = 60;
const MINUTE_MS = 60_000;

/** How often something happened within the last hour, counted by the minute. Holds nothing until it happened once. */
export class LastHour {
  #counts: Uint32Array | null = null;
  #minute = 0;

  add(nowMs: number): void {
    const counts = (this.#counts ??= new Uint32Array(MINUTES));
    this.#turnTo(counts, nowMs);
    counts[this.#minute % MINUTES]! += 1;
  }

  count(nowMs: number): number {
    if (this.#counts === null) return 0;
    this.#turnTo(this.#counts, nowMs);
    const sum = this.#counts.reduce((total, count) => total + count, 0);
    if (sum === 0) this.#counts = null;
    return sum;
  }

  #turnTo(counts: Uint32Array, nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const passed = Math.min(MINUTES, minute - this.#minute);
    for (let back = 0; back < passed; back += 1) counts[(minute - back) % MINUTES] = 0;
    this.#minute = minute;
  }
}
