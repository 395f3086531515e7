import { AlgoError } from '@algo/core/adapter';
import type { AlgoErrorCode, CommandReply, RejectReason } from '@algo/core/adapter';
import { contradictsItself, messageIn, readEnvelope } from '../wire/errors.js';
import type { Envelope } from '../wire/errors.js';
import { namesOrder } from '../wire/named-order.js';
import { BROKER } from '../wire/read.js';

/** A broker's error as read. */
export interface Fault {
  /** What a read throws. */
  readonly code: FaultCode;
  /** Why a command was refused, where `definite`. */
  readonly reason: RejectReason;
  /** Which commands it is the broker's own refusal of. Whatever else it meets, it leaves the outcome unknown. */
  readonly definite: 'every-command' | 'changes' | 'nothing';
}

type FaultCode = Extract<
  AlgoErrorCode,
  'ALGO_SESSION_EXPIRED' | 'ALGO_BROKER_REFUSED' | 'ALGO_NO_DATA' | 'ALGO_STATIC_IP_REFUSED'
>;

interface FaultRow extends Fault {
  /** Null for "whatever the code". */
  readonly when: string | null;
  /** What the sentence must contain; absent for "whatever it says". */
  readonly text?: RegExp;
}

const session = { code: 'ALGO_SESSION_EXPIRED', reason: 'session' } as const;
const staticIp = { code: 'ALGO_STATIC_IP_REFUSED', reason: 'static-ip', definite: 'every-command' } as const;
const refused = { code: 'ALGO_BROKER_REFUSED' } as const;

/** A body without data, which says "none" to a list. */
const NO_DATA: FaultRow = { when: '5203', code: 'ALGO_NO_DATA', reason: 'other', definite: 'nothing' };

/**
 * Every code known, the first row that fits wins. The addresses come first: what is about them must never be taken for a
 * session that a new log-in would mend.
 *
 * Kotak Neo Trade API docs of 2026-08 and 2026-09, and the official SDK's tests of 2026-08. A code missing here is unknown.
 */
const FAULTS: readonly FaultRow[] = [
  { when: null, text: /\bip does not match\b/i, ...staticIp },
  { when: '1037', ...staticIp }, // "session ip does not match"
  { when: '100008', ...staticIp }, // "unauthorized"
  { when: '1003', ...session, definite: 'every-command' },
  { when: '100022', ...session, definite: 'every-command' }, // "invalid session token"; also seen while markets are shut
  { when: '900901', ...session, definite: 'nothing' }, // the API gateway's number, not the order system's word
  { when: '1004', ...refused, reason: 'margin', definite: 'every-command' }, // "Insufficient balance."
  { when: '1006', ...refused, reason: 'order-not-open', definite: 'changes' }, // executed, cancelled or not found
  { when: '1021', ...refused, reason: 'order-not-open', definite: 'changes' }, // "order is completed"
  { when: '1009', ...refused, reason: 'instrument', definite: 'every-command' }, // "Invalid instrument/code"
  { when: '400', text: /^missing required field\b/i, ...refused, reason: 'invalid-request', definite: 'every-command' },
  NO_DATA,
];

/** The first row of the table that fits; null when the table knows neither the code nor the text. */
export function faultOf({ code, text }: Envelope): Fault | null {
  const fits = (row: FaultRow): boolean =>
    (row.when === null || row.when === code) && (row.text === undefined || row.text.test(text));
  return FAULTS.find(fits) ?? null;
}

/**
 * True for the answer `{stat: "Not_Ok", errMsg: "No Data", stCode: 5203}` by which Kotak says that a list is empty; with
 * another sentence or under a server's error it is none.
 */
export function saysNone(status: number, body: unknown): boolean {
  const envelope = status < 500 ? readEnvelope(body) : null;
  return envelope !== null && faultOf(envelope) === NO_DATA && NO_DATA_TEXT.test(envelope.text);
}

const NO_DATA_TEXT = /^no data\b/i;

/**
 * What a command's error reply says: refused, where the table lists it as the broker's own refusal of such a command,
 * else unknown. Kotak refuses under HTTP 200 as well as under an error status; nothing from 500 on is believed, since a
 * gateway that lost the order on its way back answers so too.
 *
 * @param body the parsed body, undefined when it is not JSON
 */
export function commandFault(status: number, body: unknown, command: 'place' | 'change'): CommandReply {
  const envelope = readEnvelope(body);
  const said = envelope?.code ?? null;
  const why = said === null ? `HTTP ${status}` : `HTTP ${status} with ${said}`;
  if (envelope === null || !isBrokersStatus(status)) return { kind: 'unknown', why };
  // An answer that contradicts itself is none.
  if (contradictsItself(body)) return { kind: 'unknown', why: `${why} beside an Ok` };
  if (namesOrder(body)) return { kind: 'unknown', why: `${why} with an order number and without a yes` };

  const fault = faultOf(envelope);
  const definite = fault?.definite === 'every-command' || (fault?.definite === 'changes' && command === 'change');
  if (fault === null || !definite) return { kind: 'unknown', why };
  return { kind: 'rejected', reason: fault.reason, brokerCode: envelope.code, brokerText: envelope.text };
}

/** Time-outs and limits are a gateway's to say. */
const isBrokersStatus = (status: number): boolean =>
  (status >= 200 && status <= 299) || (status >= 400 && status <= 499 && status !== 408 && status !== 429);

/** What was asked when an error came. */
export interface Asked {
  /** The rate family, for the error's details. */
  readonly family: string;
  /** What signed the request. The access token alone says nothing about the session, so that nothing there ends it. */
  readonly signedBy: 'session' | 'access-token';
}

/**
 * The error a read throws for a reply that is not the answer to it.
 *
 * @param body the parsed body, undefined when it is not JSON
 * @param isBlank whether the reply had no body at all
 */
export function readFault(status: number, body: unknown, isBlank: boolean, asked: Asked): AlgoError {
  const envelope = readEnvelope(body);
  const fault = envelope === null ? null : faultOf(envelope);
  if (envelope === null || fault === null) return unlistedError(status, { body, isBlank, envelope }, asked);
  return fault.code === 'ALGO_SESSION_EXPIRED' && asked.signedBy === 'access-token'
    ? barred(envelope.code, envelope.text)
    : faultError(fault, envelope);
}

function faultError(fault: Fault, { code, text }: Envelope): AlgoError {
  const seen = { broker: BROKER, brokerCode: code };
  return fault.code === 'ALGO_BROKER_REFUSED'
    ? new AlgoError(fault.code, { ...seen, reason: fault.reason, brokerText: text })
    : new AlgoError(fault.code, seen);
}

/** Kotak names no time to wait; ours. */
const UNLISTED_RETRY_MS = 1_000;

interface Unlisted {
  readonly body: unknown;
  readonly isBlank: boolean;
  readonly envelope: Envelope | null;
}

/** Neither the code nor the text is known, so the status has to say it. A web page says nothing, whatever its status. */
function unlistedError(status: number, { body, isBlank, envelope }: Unlisted, { family, signedBy }: Asked): AlgoError {
  const brokerCode = envelope?.code ?? null;
  const seen = { broker: BROKER, brokerCode };
  if (status >= 500) return new AlgoError('ALGO_BROKER_UNAVAILABLE', { ...seen, status });
  if (status === 429) return new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: UNLISTED_RETRY_MS });
  if ((status === 401 || status === 403) && (body !== undefined || isBlank)) {
    const text = envelope?.text ?? messageIn(body);
    if (/\bip\b/i.test(text)) return new AlgoError('ALGO_STATIC_IP_REFUSED', seen);
    // JSON is the service's own; a gateway that bars somebody sends nothing, a page, or a 403.
    return status === 401 && !isBlank && signedBy === 'session'
      ? new AlgoError('ALGO_SESSION_EXPIRED', seen)
      : barred(brokerCode, text === '' ? `HTTP ${status}` : text);
  }
  if (envelope !== null) {
    const reason = status === 404 ? 'not-found' : 'other';
    return new AlgoError('ALGO_BROKER_REFUSED', { ...seen, reason, brokerText: envelope.text });
  }
  const why = 'it is no answer Kotak is known to give';
  return new AlgoError('ALGO_REPLY_UNREADABLE', { broker: BROKER, status, why });
}

/** Not let in, for a reason that no new log-in is known to mend. */
const barred = (brokerCode: string | null, brokerText: string): AlgoError =>
  new AlgoError('ALGO_NOT_ENTITLED', { broker: BROKER, brokerCode, brokerText });
