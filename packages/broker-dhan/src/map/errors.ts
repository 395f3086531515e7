import { AlgoError } from '@algo/core/adapter';
import type { AlgoErrorCode, CommandReply, RejectReason } from '@algo/core/adapter';
import { BROKER } from '../wire/read.js';
import { readEnvelope } from '../wire/errors.js';
import type { Envelope } from '../wire/errors.js';

/** A broker's error as read. */
export interface Fault {
  /** What a read throws. */
  readonly code: FaultCode;
  /** Why a command was refused, where `definite`. */
  readonly reason: RejectReason;
  /**
   * True when it is the broker's own refusal of a command: the order is not there. It counts only under an HTTP status
   * from 400 to 499; whatever is false here leaves the outcome of a command unknown.
   */
  readonly definite: boolean;
  readonly retryAfterMs?: number;
}

type FaultCode = Extract<
  AlgoErrorCode,
  | 'ALGO_SESSION_EXPIRED'
  | 'ALGO_NOT_ENTITLED'
  | 'ALGO_RATE_LIMITED'
  | 'ALGO_BROKER_UNAVAILABLE'
  | 'ALGO_BROKER_REFUSED'
  | 'ALGO_NO_DATA'
  | 'ALGO_STATIC_IP_REFUSED'
>;

interface FaultRow extends Fault {
  /** Null for "whatever the code". */
  readonly when: string | null;
  /** What the sentence must contain; absent for "whatever it says". */
  readonly text?: RegExp;
}

const session = { code: 'ALGO_SESSION_EXPIRED', reason: 'session' } as const;
const staticIp = { code: 'ALGO_STATIC_IP_REFUSED', reason: 'static-ip' } as const;
const notEntitled = { code: 'ALGO_NOT_ENTITLED', reason: 'not-enabled' } as const;
const invalidRequest = { code: 'ALGO_BROKER_REFUSED', reason: 'invalid-request' } as const;
const refused = { code: 'ALGO_BROKER_REFUSED', reason: 'other' } as const;
const noData = { code: 'ALGO_NO_DATA', reason: 'other' } as const;
const down = { code: 'ALGO_BROKER_UNAVAILABLE', reason: 'broker-down' } as const;

/**
 * Every code and text known, the first row that fits wins: a sentence is asked before a code, since DH-905 and DH-906
 * each carry several meanings.
 *
 * DhanHQ v2 docs, "Annexure", captured 2026-07-15; recorded replies of 2025-01 to 2026-07; what else is said beside a row.
 * A code missing here is unknown.
 */
const FAULTS: readonly FaultRow[] = [
  { when: null, text: /\binvalid ip\b/i, ...staticIp, definite: true }, // reported live under DH-905, 2026-07
  { when: null, text: /\binvalid token\b/i, ...session, definite: true }, // recorded under DH-906 with HTTP 400
  { when: 'DH-911', ...staticIp, definite: true }, // third-party notes only; not in the annexure of 2026-07-14
  { when: 'DH-901', ...session, definite: true },
  { when: 'DH-902', ...notEntitled, definite: true },
  { when: 'DH-903', ...notEntitled, definite: true },
  { when: 'DH-904', code: 'ALGO_RATE_LIMITED', reason: 'rate-limited', definite: true, retryAfterMs: 1_000 },
  { when: 'DH-905', ...invalidRequest, definite: true },
  { when: 'DH-906', text: /\bmarket is closed\b/i, ...refused, reason: 'market-closed', definite: true },
  { when: 'DH-906', text: /\btrigger price should be\b/i, ...refused, reason: 'price', definite: true },
  { when: 'DH-906', ...refused, definite: true },
  { when: 'DH-907', ...noData, definite: false },
  { when: 'DH-908', ...down, definite: false },
  { when: 'DH-909', ...down, definite: false },
  { when: 'DH-910', ...refused, definite: false },
  { when: 'DH-1111', ...noData, definite: false }, // an account without holdings
  // The data calls have numbers of their own. None of them is a word about an order.
  { when: '800', ...down, definite: false },
  { when: '804', ...invalidRequest, definite: false },
  { when: '805', code: 'ALGO_RATE_LIMITED', reason: 'rate-limited', definite: false, retryAfterMs: 60_000 }, // threatens to block
  { when: '806', ...notEntitled, definite: false }, // data plan missing; trading still works
  { when: '807', ...session, definite: false },
  { when: '808', ...session, definite: false },
  { when: '809', ...session, definite: false },
  { when: '810', ...session, definite: false },
  { when: '811', ...invalidRequest, definite: false },
  { when: '812', ...invalidRequest, definite: false },
  { when: '813', ...invalidRequest, definite: false },
  { when: '814', ...invalidRequest, definite: false },
  { when: 'RS-9005', text: /\bdata not available\b/i, ...noData, definite: false },
  { when: 'RS-9005', text: /\bfor input string\b/i, ...invalidRequest, definite: false },
  // The token service names no codes (text reported by users, 2026).
  {
    when: null,
    text: /\bonce every 2 minutes\b/i,
    code: 'ALGO_RATE_LIMITED',
    reason: 'rate-limited',
    definite: false,
    retryAfterMs: 120_000,
  },
];

/** The first row of the table that fits; null when the table knows neither the code nor the text. */
export function faultOf({ code, text }: Envelope): Fault | null {
  const fits = (row: FaultRow): boolean =>
    (row.when === null || row.when === code) && (row.text === undefined || row.text.test(text));
  return FAULTS.find(fits) ?? null;
}

/** An error by which Dhan says "none" to one certain read. */
export interface NoneAnswer {
  readonly code: string;
  /** Null where it was seen under several. */
  readonly status: number | null;
}

/** A look-up by tag: this or an empty list. Under any other status it would be an error, not an absence. */
export const NO_SUCH_TAG: NoneAnswer = { code: 'DH-905', status: 400 };
/** An account without holdings. */
export const NO_HOLDINGS: NoneAnswer = { code: 'DH-1111', status: null };

/** True when the reply says "none". The fault table is asked as well: a DH-905 may be about the IP or the token. */
export function saysNone(none: NoneAnswer, status: number, body: unknown): boolean {
  const envelope = readEnvelope(body);
  if (envelope === null || envelope.code !== none.code || (none.status !== null && none.status !== status))
    return false;
  return faultOf(envelope) === FAULTS.find((row) => row.when === none.code);
}

/**
 * What a command's error reply says: refused, where the table lists it as the broker's own refusal, else unknown.
 *
 * @param body the parsed body, undefined when it is not JSON
 */
export function commandFault(status: number, body: unknown): CommandReply {
  const envelope = readEnvelope(body);
  const said = envelope?.code ?? null;
  const unknown: CommandReply = {
    kind: 'unknown',
    why: said === null ? `HTTP ${status}` : `HTTP ${status} with ${said}`,
  };
  if (envelope === null || status < 400 || status > 499) return unknown;

  const fault = faultOf(envelope);
  if (fault === null || !fault.definite) return unknown;
  // A gateway in front of the broker may answer 429 as well: only the broker's own code proves its refusal.
  if (status === 429 && fault.code !== 'ALGO_RATE_LIMITED') return unknown;
  return { kind: 'rejected', reason: fault.reason, brokerCode: envelope.code, brokerText: envelope.text };
}

/**
 * The error a read throws for a reply that is not the answer to it.
 *
 * @param body the parsed body, undefined when it is not JSON
 * @param family the rate family, for the error's details
 */
export function readFault(status: number, body: unknown, family: string): AlgoError {
  const envelope = readEnvelope(body);
  const fault = envelope === null ? null : faultOf(envelope);
  if (envelope !== null && fault !== null) return faultError(fault, envelope, status, family);
  return unlistedError(status, envelope, family);
}

function faultError(fault: Fault, { code, text }: Envelope, status: number, family: string): AlgoError {
  const seen = { broker: BROKER, brokerCode: code };
  switch (fault.code) {
    case 'ALGO_NOT_ENTITLED':
      return new AlgoError(fault.code, { ...seen, brokerText: text });
    case 'ALGO_BROKER_REFUSED':
      return new AlgoError(fault.code, { ...seen, reason: fault.reason, brokerText: text });
    case 'ALGO_RATE_LIMITED':
      return new AlgoError(fault.code, { family, retryAfterMs: fault.retryAfterMs ?? UNLISTED_RETRY_MS });
    case 'ALGO_BROKER_UNAVAILABLE':
      return new AlgoError(fault.code, { ...seen, status });
    default:
      return new AlgoError(fault.code, seen);
  }
}

/** No `Retry-After` was ever seen; half a minute is what Dhan asks for elsewhere. */
const UNLISTED_RETRY_MS = 30_000;

/** Neither the code nor the text is known, so the status has to say it. */
function unlistedError(status: number, envelope: Envelope | null, family: string): AlgoError {
  const brokerCode = envelope?.code ?? null;
  const seen = { broker: BROKER, brokerCode };
  if (status >= 500) return new AlgoError('ALGO_BROKER_UNAVAILABLE', { ...seen, status });
  if (status === 429) return new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: UNLISTED_RETRY_MS });
  if (status === 401) return new AlgoError('ALGO_SESSION_EXPIRED', seen);
  if (envelope !== null) {
    const reason = status === 404 ? 'not-found' : 'other';
    return new AlgoError('ALGO_BROKER_REFUSED', { ...seen, reason, brokerText: envelope.text });
  }
  return new AlgoError('ALGO_REPLY_UNREADABLE', {
    broker: BROKER,
    status,
    why: 'it is no answer Dhan is known to give',
  });
}
