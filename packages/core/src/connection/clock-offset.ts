/** What a reply shows of the clock of whoever sent it. */
export interface ClockReading {
  /** How far that clock is ahead of ours, in milliseconds; negative when it is behind. */
  readonly offsetMs: number;
  /** It may be wrong by so much: the header has whole seconds, and the reply was on its way. */
  readonly uncertaintyMs: number;
}

/** One that is off by less is not doubted: one-time codes and log-ins still work, and brokers' own clocks wander. */
export const CLOCK_TOLERANCE_MS = 5_000;

/**
 * Reads the `Date` of a reply that was received just now, `replyMs` after its request was written. Null where there is
 * none that can be read.
 */
export function readClock(date: string | null, receivedAtMs: number, replyMs: number): ClockReading | null {
  const cutMs = date === null ? Number.NaN : Date.parse(date);
  if (!Number.isFinite(cutMs)) return null;
  const middleMs = cutMs + 500; // whole seconds, cut
  return {
    offsetMs: Math.round(middleMs - (receivedAtMs - replyMs / 2)),
    uncertaintyMs: Math.round(500 + replyMs / 2),
  };
}

/** Whether the clocks surely differ by more than is harmless. */
export const isClockOff = ({ offsetMs, uncertaintyMs }: ClockReading): boolean =>
  Math.abs(offsetMs) - uncertaintyMs > CLOCK_TOLERANCE_MS;
