import { AlgoError } from '@algo/core/adapter';
import type { CommandReply } from '@algo/core/adapter';
import { messageIn, readEnvelope, saysFailure } from '../wire/errors.js';
import type { Envelope, Said } from '../wire/errors.js';
import { hasNoData, namesOrder } from '../wire/named-order.js';
import { BROKER } from '../wire/read.js';
import { FAULTS, GATEWAY_TEXTS } from './faults.js';
import type { CommandName, Fault, TextRow } from './faults.js';

/** The first row of the table that fits; null when it knows neither the code nor the text. */
export function faultOf({ code, text }: Envelope): Fault | null {
  const rows = code === null ? undefined : FAULTS.get(code);
  return rows?.find((row) => row.text === undefined || row.text.test(text)) ?? null;
}

/**
 * What a command's reply says when it is not a success: refused, where the table lists the code as the broker's own
 * refusal of such a command, else unknown.
 */
export function commandFault(command: CommandName, status: number, said: Said): CommandReply {
  const envelope = said.kind === 'json' ? readEnvelope(said.body) : null;
  const code = envelope?.code ?? null;
  const what = said.kind === 'json' ? (code ?? 'an answer without a code') : `a body that is ${KIND[said.kind]}`;
  const unknown: CommandReply = { kind: 'unknown', why: `HTTP ${status} with ${what}` };
  if (envelope === null || said.kind !== 'json' || !mayRefuse(status)) return unknown;
  // An answer that contradicts itself is none.
  if (!saysFailure(said.body) || !hasNoData(said.body) || namesOrder(said.body)) return unknown;

  const fault = faultOf(envelope);
  if (fault === null || !fault.refuses.includes(command)) return unknown;
  return { kind: 'rejected', reason: fault.reason, brokerCode: code, brokerText: envelope.text };
}

/**
 * Angel says no under 200 as well. 429 is somebody's limit, and a limited order was seen at the exchange all the same; 408
 * is a gateway's, which does not know what became of the order.
 */
const mayRefuse = (status: number): boolean =>
  (status >= 200 && status <= 299) || (status >= 400 && status <= 499 && status !== 408 && status !== 429);

const KIND: Readonly<Record<Said['kind'], string>> = {
  json: 'JSON',
  text: 'plain text',
  html: 'a web page',
  empty: 'empty',
};

/**
 * The error a read throws for a reply that is not the answer to it. Read in this order: status and kind of body, then
 * the code, then the message.
 *
 * @param family the rate family, for the error's details
 */
export function readFault(status: number, said: Said, family: string): AlgoError {
  switch (said.kind) {
    case 'empty':
      // Candles come so under load.
      return status <= 299 || status >= 500 ? unavailable(status, null) : byStatus(status, null, family);
    case 'html':
    case 'text':
      return textFault(status, said, family);
    case 'json':
      return jsonFault(status, readEnvelope(said.body) ?? (status >= 400 ? messageIn(said.body) : null), family);
  }
}

/** A firewall's page, or the gateway's sentence: nothing but the text tells a limit from a session that ended. */
function textFault(
  status: number,
  { kind, text }: Extract<Said, { readonly text: string }>,
  family: string,
): AlgoError {
  const envelope: Envelope = { code: null, text: text.slice(0, 200) };
  const row = status >= 500 ? undefined : gatewayRow(text, kind === 'html');
  if (row !== undefined) return faultError(row, envelope, status, family);
  if (!isBarred(status)) return byStatus(status, null, family);
  if (kind === 'text') return byStatus(status, envelope, family);
  const brokerText = `HTTP ${status} with a web page`; // markup is no sentence
  return new AlgoError('ALGO_BROKER_REFUSED', { broker: BROKER, brokerCode: null, reason: 'other', brokerText });
}

const gatewayRow = (text: string, isPage: boolean): TextRow | undefined =>
  GATEWAY_TEXTS.find((row) => (row.inPages || !isPage) && row.text.test(text));

function jsonFault(status: number, envelope: Envelope | null, family: string): AlgoError {
  const fault = envelope === null ? null : faultOf(envelope);
  if (envelope !== null && fault !== null) return faultError(fault, envelope, status, family);
  const row = envelope === null ? undefined : gatewayRow(envelope.text, false);
  if (envelope !== null && row !== undefined) return faultError(row, envelope, status, family);
  return byStatus(status, envelope, family);
}

function faultError(
  fault: Pick<Fault, 'code' | 'reason' | 'retryAfterMs'>,
  { code, text }: Envelope,
  status: number,
  family: string,
): AlgoError {
  const seen = { broker: BROKER, brokerCode: code };
  switch (fault.code) {
    case 'ALGO_NOT_ENTITLED':
      return new AlgoError(fault.code, { ...seen, brokerText: text });
    case 'ALGO_BROKER_REFUSED':
      return new AlgoError(fault.code, { ...seen, reason: fault.reason, brokerText: text });
    case 'ALGO_RATE_LIMITED':
      return new AlgoError(fault.code, { family, retryAfterMs: fault.retryAfterMs ?? UNLISTED_RETRY_MS });
    case 'ALGO_BROKER_UNAVAILABLE':
      return unavailable(status, code);
    default:
      return new AlgoError(fault.code, seen);
  }
}

/** No `Retry-After` was ever seen; Angel's shortest windows are a second, its next ones a minute. */
const UNLISTED_RETRY_MS = 30_000;

const isBarred = (status: number): boolean => status === 401 || status === 403;

/**
 * Neither the code nor the text is known, so the status has to say it. It never says that the session has ended: a firewall
 * and a gate for addresses answer with 401 and 403 too, and logging in again and again there blocks the account.
 */
function byStatus(status: number, envelope: Envelope | null, family: string): AlgoError {
  const brokerCode = envelope?.code ?? null;
  if (status >= 500) return unavailable(status, brokerCode);
  if (status === 429) return new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: UNLISTED_RETRY_MS });
  if (isBarred(status) && brokerCode === null)
    return new AlgoError('ALGO_NOT_ENTITLED', {
      broker: BROKER,
      brokerCode,
      brokerText: envelope?.text ?? `HTTP ${status}`,
    });
  if (envelope !== null) {
    const reason = status === 404 ? 'not-found' : 'other';
    return new AlgoError('ALGO_BROKER_REFUSED', { broker: BROKER, brokerCode, reason, brokerText: envelope.text });
  }
  const why = 'it is no answer Angel is known to give';
  return new AlgoError('ALGO_REPLY_UNREADABLE', { broker: BROKER, status, why });
}

const unavailable = (status: number, brokerCode: string | null): AlgoError =>
  new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: BROKER, status, brokerCode });
