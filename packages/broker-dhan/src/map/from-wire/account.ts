import { parseIst } from '@algo/core/adapter';
import type { AccountProfile } from '@algo/core/adapter';
import { readProfile } from '../../wire/account.js';
import { dayFirstMs } from '../time.js';

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function fromProfile(body: unknown): AccountProfile {
  const profile = readProfile(body);
  const segments = (profile.activeSegment ?? '').split(',').map((segment) => segment.trim());
  return {
    clientId: profile.dhanClientId,
    name: null,
    sessionEndsAtMs: dayFirstMs(profile.tokenValidity),
    segments: segments.filter((segment) => segment !== ''),
    dataPlanActive: profile.dataPlan === null ? null : profile.dataPlan === 'Active',
  };
}

/**
 * When a token ends, epoch milliseconds, from the `expiryTime` text beside it (IST) or else its own `exp` claim; null when
 * neither is believable.
 */
export function tokenEndsAtMs(expiryTime: string | null, expSeconds: unknown): number | null {
  const stated = expiryTime === null ? null : parseIst(expiryTime);
  if (stated !== null) return stated;
  const ms = typeof expSeconds === 'number' ? expSeconds * 1_000 : Number.NaN;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? Math.floor(ms) : null;
}

/** Outside of these years `exp` is not a date in seconds but something else, milliseconds for example. */
const EARLIEST_MS = Date.UTC(2020, 0);
const LATEST_MS = Date.UTC(2100, 0);
