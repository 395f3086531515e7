import { parseIst } from '@algo/core/adapter';
import type { AccountProfile, BrokerEgress } from '@algo/core/adapter';
import { readProfile, readStaticIp } from '../../wire/account.js';
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

/** Up to two addresses, IPv4 or IPv6. @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function fromStaticIp(body: unknown): BrokerEgress {
  const { primaryIP, secondaryIP, detectedIP } = readStaticIp(body);
  const registered = [primaryIP, secondaryIP].flatMap((address) => (isAddress(address) ? [address.trim()] : []));
  return { registered, seen: isAddress(detectedIP) ? detectedIP.trim() : null };
}

/** Dhan sends null, nothing, or a word where none is set. */
const isAddress = (text: string | null): text is string => text !== null && /^[\da-f.:]+$/i.test(text.trim());

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
