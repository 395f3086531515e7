import { z } from 'zod';
import { REJECT_REASONS } from '../domain/order-outcome.js';
import type { CommandReply } from '../contract/broker-adapter.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { NotSentProof, RejectReason } from '../domain/order-outcome.js';

/** How the adapter's part of a command ended. */
export type CommandEnd =
  | { readonly kind: 'reply'; readonly reply: CommandReply }
  | { readonly kind: 'threw'; readonly code: AlgoErrorCode }
  | { readonly kind: 'overdue' };

/** What core's own record of the call shows. */
export interface SendEvidence {
  readonly asked: number;
  /** Requests whose head went to a socket and that may have changed an order. */
  readonly changed: number;
  provesNotSent(): boolean;
}

/** What is certain about a command when its call is over, with what the journal keeps of it. */
export type Verdict =
  | { readonly event: 'acknowledged'; readonly brokerOrderId: string }
  | {
      readonly event: 'rejected';
      readonly reason: RejectReason;
      readonly brokerCode: string | null;
      readonly brokerText: string;
    }
  | { readonly event: 'proven-unsent'; readonly proof: NotSentProof }
  | { readonly event: 'lost-sight'; readonly why: string };

/**
 * Reads the end of a command. The broker's own yes or no counts; for everything else the send record decides, whatever
 * the adapter says: not a byte written is `proven-unsent`, anything else is a command that may be at the broker.
 */
export function judge(end: CommandEnd, evidence: SendEvidence): Verdict {
  if (end.kind === 'reply' && end.reply.kind === 'acknowledged' && end.reply.brokerOrderId !== '') {
    return { event: 'acknowledged', brokerOrderId: end.reply.brokerOrderId };
  }
  if (evidence.provesNotSent()) {
    return { event: 'proven-unsent', proof: { by: 'send-record', requests: evidence.asked, cause: causeOf(end) } };
  }
  // More than one may have been written: the broker's no to one of them is no answer to the others.
  if (end.kind === 'reply' && end.reply.kind === 'rejected' && evidence.changed <= 1) {
    const { reason, brokerCode, brokerText } = end.reply;
    return { event: 'rejected', reason, brokerCode, brokerText };
  }
  return { event: 'lost-sight', why: causeOf(end) };
}

function causeOf(end: CommandEnd): string {
  switch (end.kind) {
    case 'overdue':
      return 'no answer by the deadline';
    case 'threw':
      return end.code;
    case 'reply':
      if (end.reply.kind === 'unknown') return end.reply.why;
      return end.reply.kind === 'acknowledged' ? 'acknowledged without an order id' : end.reply.kind;
  }
}

/**
 * What an adapter answered, held to the contract: plugins are JavaScript in the end, and an answer of another shape is
 * one that says nothing.
 */
export function readReply(value: unknown): CommandReply {
  const parsed = reply.safeParse(value);
  return parsed.success ? parsed.data : { kind: 'unknown', why: 'the adapter answered in another shape' };
}

const reply: z.ZodType<CommandReply> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('acknowledged'), brokerOrderId: z.string().min(1) }),
  z.object({
    kind: z.literal('rejected'),
    reason: z.enum(REJECT_REASONS).catch('other'),
    brokerCode: z.string().nullable().catch(null),
    brokerText: z.string(),
  }),
  z.object({ kind: z.literal('unknown'), why: z.string().catch('no reason given') }),
]);
