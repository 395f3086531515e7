import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerReply } from '@algo/core/adapter';

/** How long one code counts. */
export const CODE_WINDOW_MS = 30_000;

/**
 * Six digits for this moment, by RFC 6238.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` when the seed is not base32
 */
export async function oneTimeCode(seed: Secret, timestamp: number): Promise<Secret> {
  const otpauth = await import('otpauth');
  try {
    const base32 = seed.reveal().replace(/[\s=-]/g, '');
    const secret = otpauth.Secret.fromBase32(base32.toUpperCase());
    return new Secret(new otpauth.TOTP({ secret, digits: 6, period: CODE_WINDOW_MS / 1_000 }).generate({ timestamp }));
  } catch {
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'totpSecret', problem: 'is not base32' }] });
  }
}

/** Which code counts at a moment. */
export const codeWindow = (epochMs: number): number => Math.floor(epochMs / CODE_WINDOW_MS);

/**
 * How far the broker's clock is ahead of ours, in milliseconds, from the `Date` of a reply that came just now; null
 * where the reply has none. The header counts whole seconds, so its middle is taken.
 */
export function clockOffsetMs(reply: Pick<BrokerReply, 'header'>, nowMs: number): number | null {
  const header = reply.header('date');
  const date = header === null ? Number.NaN : Date.parse(header);
  return Number.isNaN(date) ? null : date + 500 - nowMs;
}

/** Our clock is only doubted when it is further off than a slow reply and a whole-second header could make it look. */
const DOUBT_MS = 5_000;

/** Our time, put right where the broker's clock is surely another. */
export const correctedMs = (nowMs: number, offsetMs: number | null): number =>
  offsetMs !== null && Math.abs(offsetMs) > DOUBT_MS ? nowMs + offsetMs : nowMs;
