import { AlgoError } from '@algo/core/adapter';
import type { AlgoErrorCode, CommandReply, RejectReason } from '@algo/core/adapter';
import { readEnvelope, saysSuccess } from '../wire/errors.js';
import type { Envelope } from '../wire/errors.js';
import { namesOrder } from '../wire/named-order.js';

/** A broker's error as read. */
export interface Fault {
  /** What a read throws. */
  readonly code: FaultCode;
  /** Why a command was refused, where `definite`. */
  readonly reason: RejectReason | 'not-found';
  /**
   * `yes` when it is surely the broker's own refusal of a command: the order is not there. It counts only under an HTTP
   * status from 400 to 499; `no` leaves the outcome of a command unknown. `if-told` is not certain and counts only where
   * the host said so (`rateLimitIsRefusal`).
   */
  readonly definite: 'yes' | 'no' | 'if-told';
}

type FaultCode = Extract<
  AlgoErrorCode,
  'ALGO_SESSION_EXPIRED' | 'ALGO_RATE_LIMITED' | 'ALGO_BROKER_REFUSED' | 'ALGO_NO_DATA'
>;

interface FaultRow extends Fault {
  /** Null for "whatever the code". */
  readonly when: string | null;
  /** What the sentence must contain; absent for "whatever it says". */
  readonly text?: RegExp;
}

const session = { code: 'ALGO_SESSION_EXPIRED', reason: 'session' } as const;
const invalidRequest = { code: 'ALGO_BROKER_REFUSED', reason: 'invalid-request' } as const;
const refused = { code: 'ALGO_BROKER_REFUSED', reason: 'other' } as const;
const noData = { code: 'ALGO_NO_DATA', reason: 'other', definite: 'no' } as const;
const NO_ROWS = /\bdata not available\b/i;

/**
 * Every code and text known, the first row that fits wins. XTS answers nearly all errors with HTTP 400, so that code and
 * text alone tell them apart.
 *
 * Collected 2026-11-20 from public adapters and recorded replies; Symphony publishes no list. A code missing here is
 * unknown.
 */
const FAULTS: readonly FaultRow[] = [
  { when: 'e-session-0002', text: /\balready subscribed\b/i, ...refused, definite: 'no' }, // for streams, no failure there
  { when: 'e-session-0004', ...refused, definite: 'no' }, // "Subscription limit exceeded"
  { when: 'e-session-0005', ...session, definite: 'yes' },
  { when: 'e-session-0007', ...session, definite: 'yes' },
  { when: 'e-token-0001', ...session, definite: 'yes' },
  { when: 'e-token-0002', ...session, definite: 'yes' },
  // The whole sentence: instruments have tokens too.
  { when: null, text: /^\s*invalid token\s*[.!]?\s*$/i, ...session, definite: 'yes' },
  { when: null, text: /\bplease provide token\b/i, ...session, definite: 'yes' },
  { when: null, text: /\bentered invalid credentials\b/i, ...refused, definite: 'no' }, // a log-in; its code is not certain
  // Whether an order that met the rate limit was processed is not certain.
  { when: 'e-apirl-0004', code: 'ALGO_RATE_LIMITED', reason: 'rate-limited', definite: 'if-told' },
  { when: 'e-orders-0005', text: NO_ROWS, ...noData },
  { when: 'e-tradebook-0005', text: NO_ROWS, ...noData },
  { when: 'e-portfolio-0005', text: NO_ROWS, ...noData },
  { when: 'e-holdings-0005', text: NO_ROWS, ...noData },
  { when: 'e-funds-0005', text: NO_ROWS, ...noData },
  { when: 'e-balance-0005', text: NO_ROWS, ...noData },
  { when: 'e-orders-0001', code: 'ALGO_BROKER_REFUSED', reason: 'not-found', definite: 'no' }, // or not visible yet
  { when: 'e-instrument-0001', code: 'ALGO_BROKER_REFUSED', reason: 'instrument', definite: 'no' },
  { when: 'e-property-validation-failed', ...invalidRequest, definite: 'yes' },
  { when: null, text: /^bad request\b/i, ...invalidRequest, definite: 'no' },
  { when: null, text: /\bnot mapped under\b/i, ...invalidRequest, definite: 'no' }, // a dealer's clientID; wording not certain
];

/** The first row of the table that fits; null when the table knows neither the code nor the text. */
export function faultOf({ code, text }: Envelope): Fault | null {
  const fits = (row: FaultRow): boolean =>
    (row.when === null || row.when === code) && (row.text === undefined || row.text.test(text));
  return FAULTS.find(fits) ?? null;
}

/** An error by which XTS says "none" to one certain read: these codes, under HTTP 400, with these words. */
export interface NoneAnswer {
  readonly codes: readonly string[];
  readonly text: RegExp;
}

export const NO_ORDERS: NoneAnswer = { codes: ['e-orders-0005'], text: NO_ROWS };
export const NO_TRADES: NoneAnswer = { codes: ['e-tradebook-0005'], text: NO_ROWS };
export const NO_POSITIONS: NoneAnswer = { codes: ['e-portfolio-0005'], text: NO_ROWS };
export const NO_HOLDINGS: NoneAnswer = { codes: ['e-holdings-0005'], text: NO_ROWS };
/** A look-up of one order: gone, or not visible yet. */
export const NO_SUCH_ORDER: NoneAnswer = { codes: ['e-orders-0001'], text: /^/ };

export function saysNone(none: NoneAnswer, status: number, body: unknown): boolean {
  const envelope = status === 400 ? readEnvelope(body) : null;
  if (envelope?.code == null || !none.codes.includes(envelope.code)) return false;
  // The same code over an "Invalid Token" is about the session or the question, and proves no absence.
  return none.text.test(envelope.text) && !/\btoken\b/i.test(envelope.text);
}

/** What error replies mean at one house. */
export interface Faults {
  /**
   * What a command's error reply says: refused, where the table lists it as the broker's own refusal, else unknown.
   *
   * @param body the parsed body, undefined when it is not JSON
   */
  command(status: number, body: unknown): CommandReply;
  /**
   * The error a read throws for a reply that is not the answer to it.
   *
   * @param family the rate family, for the error's details
   */
  read(status: number, body: unknown, family: string): AlgoError;
}

export interface FaultOptions {
  readonly broker: string;
  /** Whether an order command that met the rate limit surely was not processed. */
  readonly rateLimitIsRefusal: boolean;
}

export function createFaults({ broker, rateLimitIsRefusal }: FaultOptions): Faults {
  const isDefinite = ({ definite }: Fault): boolean =>
    definite === 'yes' || (definite === 'if-told' && rateLimitIsRefusal);

  return {
    command(status, body) {
      const envelope = readEnvelope(body);
      const said = envelope?.code ?? null;
      const unknown: CommandReply = {
        kind: 'unknown',
        why: said === null ? `HTTP ${status}` : `HTTP ${status} with ${said}`,
      };
      // The code has to be the broker's own: a gateway may write a sentence, it does not know these codes.
      if (envelope === null || envelope.code === null || !isBrokersStatus(status)) return unknown;
      // An answer that contradicts itself is none.
      if (saysSuccess(body) || namesOrder(body)) return unknown;
      const fault = faultOf(envelope);
      if (fault === null || !isDefinite(fault) || fault.reason === 'not-found') return unknown;
      // A gateway in front of the broker may answer 429 as well: only the broker's own code for it proves its refusal.
      if (status === 429 && fault.code !== 'ALGO_RATE_LIMITED') return unknown;
      return { kind: 'rejected', reason: fault.reason, brokerCode: envelope.code, brokerText: envelope.text };
    },

    read(status, body, family) {
      const envelope = readEnvelope(body);
      const fault = envelope === null ? null : faultOf(envelope);
      if (envelope !== null && fault !== null) return faultError(broker, fault, envelope, family);
      return unlistedError(broker, envelope, { status, family });
    },
  };
}

/** A time-out is a gateway's to say: the order may have gone on. */
const isBrokersStatus = (status: number): boolean => status >= 400 && status <= 499 && status !== 408;

interface Where {
  readonly status: number;
  readonly family: string;
}

/** A second is what XTS counts in; no `Retry-After` was ever seen. */
const RETRY_AFTER_MS = 1_000;

function faultError(broker: string, fault: Fault, { code, text }: Envelope, family: string): AlgoError {
  const seen = { broker, brokerCode: code };
  switch (fault.code) {
    case 'ALGO_BROKER_REFUSED':
      return new AlgoError(fault.code, { ...seen, reason: fault.reason, brokerText: text });
    case 'ALGO_RATE_LIMITED':
      return new AlgoError(fault.code, { family, retryAfterMs: RETRY_AFTER_MS });
    default:
      return new AlgoError(fault.code, seen);
  }
}

/** Neither the code nor the text is known, so the status has to say it. */
function unlistedError(broker: string, envelope: Envelope | null, { status, family }: Where): AlgoError {
  const seen = { broker, brokerCode: envelope?.code ?? null };
  if (status >= 500) return new AlgoError('ALGO_BROKER_UNAVAILABLE', { ...seen, status });
  if (status === 429) return new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: RETRY_AFTER_MS });
  if (status === 401) return new AlgoError('ALGO_SESSION_EXPIRED', seen);
  if (envelope !== null) {
    return new AlgoError('ALGO_BROKER_REFUSED', { ...seen, reason: 'other', brokerText: envelope.text });
  }
  const hint = status === 404 ? '; a web page under 404 means a wrong path prefix' : '';
  return new AlgoError('ALGO_REPLY_UNREADABLE', { broker, status, why: `it is no answer XTS is known to give${hint}` });
}
