import { endOfDay, formatIst, tradingDayOf } from '../domain/time.js';
import type { Clock } from '../runtime/clock.js';

export interface WarmUpOptions {
  readonly clock: Clock;
  /** What is connected now and shall be warm. */
  readonly targets: () => readonly Warmable[];
  /** IST, `HH:MM`. @default '09:14' */
  readonly fromIst?: string;
  /** IST, `HH:MM`. @default '09:16' */
  readonly untilIst?: string;
  /** @default Monday to Friday, IST */
  readonly isTradingDay?: (epochMs: number) => boolean;
}

export interface Warmable {
  warm(): void;
}

const DAY_MS = 86_400_000;
/** The wall clock may jump, so the hour is looked at again and again. */
const LOOK_MS = 60_000;
const STEP_MS = 50;
/** Idle sockets are closed after 20 s: everybody is looked after more often. */
const ROUND_MS = 5_000;
/** A handshake costs up to a millisecond of the event loop, which others need too. */
const MOST_A_STEP = 10;

/**
 * Has sockets open when the market opens, so that the first orders of the day do not wait for a handshake: a minute
 * before, and until a minute after. One timer for the process, and a few connections at a time.
 */
export class WarmUp {
  readonly #options: WarmUpOptions;
  readonly #fromIst: string;
  readonly #untilIst: string;
  #round: readonly Warmable[] = [];
  #next = 0;
  #roundBeganMs = -Infinity;
  #cancel: (() => void) | null = null;

  constructor(options: WarmUpOptions) {
    this.#options = options;
    this.#fromIst = options.fromIst ?? '09:14';
    this.#untilIst = options.untilIst ?? '09:16';
  }

  /** Begins to look at the clock, until nothing is connected any more; a second time changes nothing. */
  start(): void {
    this.#cancel ??= this.#options.clock.after(0, this.#look, { background: true });
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#round = [];
  }

  readonly #look = (): void => {
    const { clock, targets } = this.#options;
    if (targets().length === 0) return this.close(); // the next connection begins it again
    const now = clock.now();
    const waitMs = this.#isOn(now) ? this.#step(clock.monotonic()) : Math.min(LOOK_MS, this.#msUntilStart(now));
    this.#cancel = clock.after(waitMs, this.#look, { background: true });
  };

  #isOn(now: number): boolean {
    const time = formatIst(now).slice(11, 16);
    const { isTradingDay = isWeekday } = this.#options;
    return time >= this.#fromIst && time < this.#untilIst && isTradingDay(now);
  }

  /** @returns milliseconds until the next one */
  #step(nowMs: number): number {
    if (this.#next >= this.#round.length) {
      const waitMs = this.#roundBeganMs + ROUND_MS - nowMs;
      if (waitMs > 0) return waitMs;
      this.#round = this.#options.targets();
      this.#next = 0;
      this.#roundBeganMs = nowMs;
    }
    const until = this.#next + Math.min(MOST_A_STEP, Math.ceil(this.#round.length / (ROUND_MS / STEP_MS)));
    for (const target of this.#round.slice(this.#next, until)) target.warm();
    this.#next = until;
    return STEP_MS;
  }

  /** 1 or more; of the next day when today's time has passed. */
  #msUntilStart(now: number): number {
    const [hours = 0, minutes = 0] = this.#fromIst.split(':').map(Number);
    const today = endOfDay(now) - DAY_MS + (hours * 60 + minutes) * 60_000;
    return today > now ? today - now : today + DAY_MS - now;
  }
}

/** Holidays are not known here: on one of them a few sockets are opened for nothing. */
const isWeekday = (epochMs: number): boolean => {
  const day = new Date(tradingDayOf(epochMs)).getUTCDay();
  return day >= 1 && day <= 5;
};
