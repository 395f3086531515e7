import { AlgoError, Secret } from '@algo/core/adapter';
import type { Clock } from '@algo/core/adapter';

/** A code is good for one log-in within its half minute. RFC 6238 with SHA-1 and six digits, docs as of 2026-09. */
const WINDOW_MS = 30_000;

/** A clock off by less than this is taken as it is: the `Date` of a reply has whole seconds, and the way takes time. */
const CLOCK_TOLERANCE_MS = 5_000;

/** Into the next window, so that neither clock still shows the one before. */
const MARGIN_MS = 500;

/** What must be left of the deadline after a wait: two calls. */
const NEEDED_MS = 3_000;

/**
 * The codes of one seed, by the moment in epoch milliseconds.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a seed that is not base32
 */
export async function createCodes(seed: Secret): Promise<(atMs: number) => Secret> {
  const otpauth = await import('otpauth');
  try {
    const base32 = seed
      .reveal()
      .replace(/[\s=-]/g, '')
      .toUpperCase();
    const totp = new otpauth.TOTP({ secret: otpauth.Secret.fromBase32(base32), digits: 6, period: WINDOW_MS / 1_000 });
    totp.generate({ timestamp: 0 });
    return (atMs) => new Secret(totp.generate({ timestamp: atMs }));
  } catch {
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'totpSecret', problem: 'is not base32' }] });
  }
}

/**
 * How far the server's clock is ahead of ours, in milliseconds, by the `Date` of its reply and the middle of the time it
 * took; null where the reply has none.
 */
export function clockOffsetMs(date: string | null, sentAtMs: number, receivedAtMs: number): number | null {
  const serverMs = date === null ? Number.NaN : Date.parse(date) + 500; // whole seconds, cut
  return Number.isFinite(serverMs) ? Math.round(serverMs - (sentAtMs + receivedAtMs) / 2) : null;
}

/** When another code may be tried, and the moment that code is of. */
export interface NextTry {
  readonly waitMs: number;
  readonly atMs: number;
}

/**
 * The one more try after a refused code: at once where our clock was off by so much that the code was of another window,
 * else in the next window; null where the deadline leaves no room for that.
 */
export function nextTry(
  triedAtMs: number,
  nowMs: number,
  offsetMs: number | null,
  remainingMs: number,
): NextTry | null {
  const isOff = offsetMs !== null && Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
  const serverNowMs = isOff ? nowMs + offsetMs : nowMs;
  if (isOff && windowOf(serverNowMs) !== windowOf(triedAtMs)) return { waitMs: 0, atMs: serverNowMs };
  const waitMs = (windowOf(serverNowMs) + 1) * WINDOW_MS - serverNowMs + MARGIN_MS;
  return waitMs + NEEDED_MS > remainingMs ? null : { waitMs, atMs: serverNowMs + waitMs };
}

const windowOf = (atMs: number): number => Math.floor(atMs / WINDOW_MS);

/** Waits, unless the signal is aborted first. @throws {AlgoError} `ALGO_DEADLINE` then */
export function pause(waitMs: number, clock: Pick<Clock, 'after'>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      cancel();
      reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: waitMs }));
    };
    const cancel = clock.after(waitMs, () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
