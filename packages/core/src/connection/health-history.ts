import type { ConnectionQuality } from './health-grade.js';

/** One minute of a connection with traffic, counted from its first call, for trends. */
export interface HealthPoint {
  /** The minute its first call fell in, epoch milliseconds. */
  readonly atMs: number;
  /** Calls and failed calls in this minute. */
  readonly calls: number;
  readonly failures: number;
  /** As they stood over five minutes when this one ended. Null before there was a call, or a grade. */
  readonly p50ResponseMs: number | null;
  readonly p95ResponseMs: number | null;
  readonly quality: ConnectionQuality | null;
}

const MINUTE_MS = 60_000;
const FEWEST = 16;
/** A day. */
const MOST = 1_440;
const GRADES = ['EXCELLENT', 'GOOD', 'POOR', 'CRITICAL'] as const satisfies readonly ConnectionQuality[];
const NONE = 255;
const LONGEST_MS = 65_534;
const UNKNOWN_MS = 65_535;

/**
 * One point for each minute with traffic, the newest 1,440 of at most 24 hours, 13 bytes each. Minutes without traffic
 * of the host's own leave none, so that an idle connection keeps nothing.
 */
export class HealthHistory {
  #minutes: Uint32Array | null = null;
  #counts = new Uint16Array(0); // calls and failures in turn
  #times = new Uint16Array(0); // p50 and p95 in turn
  #grades = new Uint8Array(0);
  #first = 0;
  #length = 0;

  add(point: HealthPoint): void {
    if (this.#minutes === null || this.#length === this.#grades.length) this.#makeRoom();
    this.#put((this.#first + this.#length) % this.#grades.length, point);
    this.#length += 1;
  }

  /** Oldest first, none older than a day. */
  points(nowMs: number): readonly HealthPoint[] {
    const oldestMs = nowMs - MOST * MINUTE_MS;
    const all = Array.from({ length: this.#length }, (_, at) => this.#at((this.#first + at) % this.#grades.length));
    return all.filter(({ atMs }) => atMs >= oldestMs);
  }

  #put(slot: number, { atMs, calls, failures, p50ResponseMs, p95ResponseMs, quality }: HealthPoint): void {
    this.#minutes![slot] = Math.floor(atMs / MINUTE_MS);
    this.#counts[slot * 2] = Math.min(calls, 65_535);
    this.#counts[slot * 2 + 1] = Math.min(failures, 65_535);
    this.#times[slot * 2] = packed(p50ResponseMs);
    this.#times[slot * 2 + 1] = packed(p95ResponseMs);
    this.#grades[slot] = quality === null ? NONE : GRADES.indexOf(quality);
  }

  #at(slot: number): HealthPoint {
    return {
      atMs: this.#minutes![slot]! * MINUTE_MS,
      calls: this.#counts[slot * 2]!,
      failures: this.#counts[slot * 2 + 1]!,
      p50ResponseMs: unpacked(this.#times[slot * 2]!),
      p95ResponseMs: unpacked(this.#times[slot * 2 + 1]!),
      quality: GRADES[this.#grades[slot]!] ?? null,
    };
  }

  #makeRoom(): void {
    const before = this.#grades.length;
    if (before >= MOST) {
      this.#first = (this.#first + 1) % before;
      this.#length -= 1;
      return;
    }
    const kept = Array.from({ length: this.#length }, (_, at) => this.#at((this.#first + at) % before));
    const length = Math.min(MOST, Math.max(FEWEST, before * 2));
    this.#minutes = new Uint32Array(length);
    this.#counts = new Uint16Array(length * 2);
    this.#times = new Uint16Array(length * 2);
    this.#grades = new Uint8Array(length);
    this.#first = 0;
    kept.forEach((point, slot) => this.#put(slot, point));
  }
}

/** Whole milliseconds, at most 65,534: beyond that nobody reads a trend. */
const packed = (ms: number | null): number => (ms === null ? UNKNOWN_MS : Math.min(Math.round(ms), LONGEST_MS));

const unpacked = (ms: number): number | null => (ms === UNKNOWN_MS ? null : ms);
