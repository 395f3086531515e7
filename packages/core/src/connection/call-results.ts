import { isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { CallResult } from '../resilience/circuit-breaker.js';
import type { Call } from '../transport/call.js';

/** Outages. A broker that says no is alive, and a limit of ours says nothing about it. */
const OUTAGES: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_BROKER_UNREACHABLE',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_REPLY_UNREADABLE',
  'ALGO_DEADLINE',
]);

/** Failures of a read that may have passed a moment later. */
const PASSING: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_BROKER_UNREACHABLE',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_REPLY_UNREADABLE',
]);

/** Neither an outage nor a sign of health: limits and sessions are dealt with elsewhere. */
const NO_WORD: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>(['ALGO_RATE_LIMITED', 'ALGO_SESSION_EXPIRED']);

export const isOutage = (code: AlgoErrorCode): boolean => OUTAGES.has(code);

export const mayPass = (code: AlgoErrorCode): boolean => PASSING.has(code);

export const isSessionLost = (error: unknown): boolean => isAlgoError(error) && error.code === 'ALGO_SESSION_EXPIRED';

/** What a failed read tells the breaker; null when it says nothing, or never left our own line. */
export function readResultOf(code: AlgoErrorCode, call: Call): CallResult | null {
  if (NO_WORD.has(code) || (code === 'ALGO_DEADLINE' && !call.hasEntered)) return null;
  return OUTAGES.has(code) ? 'failure' : 'success';
}

/** A probe that a log-in or a limit of ours stopped says nothing about the broker. */
export function probeResultOf(error: unknown): CallResult | null {
  return isAlgoError(error) && OUTAGES.has(error.code) ? 'failure' : null;
}
