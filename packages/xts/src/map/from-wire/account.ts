import type { AccountProfile, BrokerSession } from '@algo/core/adapter';
import { readProfile } from '../../wire/account.js';
import type { XtsReader } from '../../wire/read.js';

/**
 * The broker's own word on whose account it is, in the spelling of the session where only the case differs.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function fromProfile(read: XtsReader, body: unknown, session: BrokerSession): AccountProfile {
  const { ClientId, ClientName, segments } = readProfile(read, body);
  return {
    clientId: sameText(ClientId, session.clientId) ? session.clientId : ClientId,
    name: ClientName,
    sessionEndsAtMs: session.expiresAtMs,
    segments,
    dataPlanActive: 'marketToken' in session.secrets ? true : null,
  };
}

export const sameText = (a: string, b: string): boolean => a.trim().toUpperCase() === b.trim().toUpperCase();

/**
 * A claim of a token that names a moment (`exp`, `iat`, in seconds) as epoch milliseconds; null when it is not believable.
 * Two observed tokens lived 24 hours.
 */
export function claimTimeMs(seconds: unknown): number | null {
  const ms = typeof seconds === 'number' ? seconds * 1_000 : Number.NaN;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? Math.floor(ms) : null;
}

/** Outside of these years it is not a date in seconds but something else, milliseconds for example. */
const EARLIEST_MS = Date.UTC(2020, 0);
const LATEST_MS = Date.UTC(2100, 0);

/** Broker times have whole seconds and travel: what is below this is no offset. */
const NO_OFFSET_MS = 5_000;

/** How far a clock that shows `theirs` runs ahead of ours; 0 when it is a matter of seconds. */
export const offsetFrom = (theirs: number, nowMs: number): number => {
  const offset = theirs - nowMs;
  return Number.isFinite(offset) && Math.abs(offset) > NO_OFFSET_MS ? offset : 0;
};

/** The broker's clock by the `Date` header of a reply. */
export const clockOffsetMs = (dateHeader: string | null, nowMs: number): number =>
  offsetFrom(dateHeader === null ? Number.NaN : Date.parse(dateHeader), nowMs);
