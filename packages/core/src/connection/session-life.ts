import type { BrokerSession } from '../contract/session.js';

/** When a session ends, and whether it can be renewed. */
export type SessionLife = Pick<BrokerSession, 'expiresAtMs' | 'renewable'>;

/** A session this close to its end is not used for a new call. */
const SAFETY_MS = 5_000;
/** Also how long before its end a session begins to be renewed. */
export const RENEW_AHEAD_MS = 30 * 60_000;
/** A session refused this close to its declared end has ended: clocks and time-tables differ by so much. */
const ABOUT_MS = 5 * 60_000;

export const isAlive = ({ expiresAtMs }: SessionLife, nowMs: number): boolean =>
  expiresAtMs === null || expiresAtMs - nowMs > SAFETY_MS;

/** Whether it is near enough to its end to be renewed, where it can be. */
export const isDue = ({ expiresAtMs, renewable }: SessionLife, nowMs: number): boolean =>
  renewable && expiresAtMs !== null && expiresAtMs - nowMs <= RENEW_AHEAD_MS;

/** Whether its declared end is still far off, so that a refusal means something else. */
export const endsLater = ({ expiresAtMs }: Pick<SessionLife, 'expiresAtMs'>, nowMs: number): boolean =>
  expiresAtMs === null || expiresAtMs - nowMs > ABOUT_MS;
