import { z } from 'zod';
import { REJECT_REASONS } from '../domain/order-outcome.js';
import type { GateRefusal, NotSentProof } from '../domain/order-outcome.js';
import { jsonOf } from '../runtime/json-of.js';
import type { Verdict } from './command-outcome.js';

const REFUSALS = [
  'deadline',
  'rate-limited',
  'circuit-open',
  'not-connected',
  'login-needed',
  'not-reconciled',
  'journal-unavailable',
  'cancelled',
  'process-ended',
  'order-not-at-broker',
  'order-unreadable',
  'no-quote',
  'expired',
  'queue-full',
  'shared-egress',
  'modify-limit',
  'not-valid',
] as const satisfies readonly GateRefusal[];

const proof: z.ZodType<NotSentProof> = z.discriminatedUnion('by', [
  z.object({ by: z.literal('gate'), why: z.enum(REFUSALS) }),
  z.object({ by: z.literal('send-record'), requests: z.number(), cause: z.string() }),
  z.object({ by: z.literal('absent'), books: z.number(), lookUps: z.number(), lastReadAtMs: z.number() }),
]);

/** Its process may make another attempt of the same order up to then, epoch milliseconds; without it this is the end. */
const follows = { followsUntilMs: z.number().optional() };

const detail = z.discriminatedUnion('kind', [
  z.object({
    ...follows,
    kind: z.literal('rejected'),
    reason: z.enum(REJECT_REASONS).catch('other'), // a newer broker package may know more
    brokerCode: z.string().nullable(),
    brokerText: z.string(),
  }),
  z.object({ ...follows, kind: z.literal('proof'), proof }),
  z.object({ kind: z.literal('why'), why: z.string() }),
  /** A place that waits unsent; epoch milliseconds after which it may not go any more. */
  z.object({ kind: z.literal('queued'), expiresAtMs: z.number() }),
]);

/** What explains an attempt's state, as its journal row keeps it. */
export type AttemptDetail = z.infer<typeof detail>;

export const writeDetail = (value: AttemptDetail): string => JSON.stringify(value);

/** Null for a row without one, with one from a newer version, or with a damaged one. */
export function readDetail(text: string | null): AttemptDetail | null {
  if (text === null) return null;
  const parsed = detail.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : null;
}

/** The same of an attempt that another one may follow. */
export function followedUntil(value: AttemptDetail, followsUntilMs: number | null): AttemptDetail {
  if (followsUntilMs === null || (value.kind !== 'rejected' && value.kind !== 'proof')) return value;
  return { ...value, followsUntilMs };
}

/** What the journal keeps of a verdict; an acknowledged command needs no explanation. */
export function detailOf(verdict: Verdict): AttemptDetail | null {
  switch (verdict.event) {
    case 'acknowledged':
      return null;
    case 'rejected': {
      const { brokerCode, brokerText } = verdict;
      const reason = REJECT_REASONS.find((known) => known === verdict.reason) ?? 'other';
      return { kind: 'rejected', reason, brokerCode, brokerText };
    }
    case 'proven-unsent':
      return { kind: 'proof', proof: verdict.proof };
    case 'lost-sight':
      return { kind: 'why', why: verdict.why };
  }
}
