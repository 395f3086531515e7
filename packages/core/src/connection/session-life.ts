import type { BrokerSession } from '../contract/session.js';

type Life = Pick<BrokerSession, 'expiresAtMs' | 'renewable'>;

/** A session this close to its end is not used for a new call. */
const SAFETY_MS = 5_000;
const RENEW_AHEAD_MS = 30 * 60_000;

export const isAlive = ({ expiresAtMs }: Life, nowMs: number): boolean =>
  expiresAtMs === null || expiresAtMs - nowMs > SAFETY_MS;

/** Whether it is near enough to its end to be renewed, where it can be. */
export const isDue = ({ expiresAtMs, renewable }: Life, nowMs: number): boolean =>
  renewable && expiresAtMs !== null && expiresAtMs - nowMs <= RENEW_AHEAD_MS;
