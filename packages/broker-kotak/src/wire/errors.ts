import { field, isFields } from './read.js';
import type { Fields } from './read.js';

/** What an error body says, whichever of the broker's shapes it came in. */
export interface Envelope {
  /** `1004`, `5203`, `401`; null where the body names none. */
  readonly code: string | null;
  /** The broker's sentence; empty where there is none. */
  readonly text: string;
}

/**
 * Reads an error body, or null when the body is none. Never throws.
 *
 * The shapes, from the official documentation of 2026-08 and 2026-09 and its SDK's tests:
 *
 * 1. trading `{stat: "Not_Ok", stCode: 1004, emsg | errMsg}`, under HTTP 200 too; `stat` may hold a sentence instead
 * 2. log-in `{status: "error", message, errorCode: "401"}`
 * 3. log-in `{error: [{code: "400", message}]}`
 * 4. candles `{status: "ERROR", fault: {code, message}}`, the API gateway's `{fault: {code: 900901, message}}` likewise
 * 5. the framework's `{timestamp, status: 404, error, path}`
 */
export function readEnvelope(body: unknown): Envelope | null {
  if (!isFields(body)) return null;
  return faultEnvelope(body) ?? listEnvelope(body) ?? tradingEnvelope(body) ?? loginEnvelope(body);
}

/** True for a trading reply that says yes twice, in its word and in its number. */
export function saysOk(body: unknown): boolean {
  return isFields(body) && isOkWord(field(body, 'stat')) && codeIn(body, 'stCode') === '200' && !saysError(body);
}

/** True for a body that says yes in its word and names an error beside it: one of the two is not true. */
export const contradictsItself = (body: unknown): boolean =>
  isFields(body) && isOkWord(field(body, 'stat')) && saysError(body);

const saysError = (body: Fields): boolean =>
  ['fault', 'error'].some((name) => ![undefined, null, '', false].some((nothing) => field(body, name) === nothing));

function faultEnvelope(body: Fields): Envelope | null {
  const fault = field(body, 'fault');
  return isFields(fault) ? { code: codeIn(fault, 'code'), text: textIn(fault, 'message', 'description') } : null;
}

function listEnvelope(body: Fields): Envelope | null {
  const errors = field(body, 'error');
  if (!Array.isArray(errors)) return null;
  const first: unknown = errors[0];
  return isFields(first)
    ? { code: codeIn(first, 'code'), text: textIn(first, 'message') }
    : { code: null, text: textIn(body, 'message') };
}

function tradingEnvelope(body: Fields): Envelope | null {
  const stat = field(body, 'stat');
  const code = codeIn(body, 'stCode');
  if (typeof stat !== 'string') {
    const good = code === null || code === '200' || code === OWN_ADDRESS;
    return good ? null : { code, text: textIn(body, 'emsg', 'errMsg', 'message') };
  }
  if (isOkWord(stat)) return null; // with another number than 200 it is no answer either, see `saysOk`
  const said = textIn(body, 'emsg', 'errMsg', 'message');
  return { code, text: said === '' && !isWord(stat) ? stat : said };
}

/** `stCode` of a good reply of `get-client-ip`, beside `status: "success"`. */
const OWN_ADDRESS = '1000';

const isOkWord = (stat: unknown): boolean => typeof stat === 'string' && stat.trim().toLowerCase() === 'ok';
const isWord = (stat: string): boolean => !stat.trim().includes(' ');

function loginEnvelope(body: Fields): Envelope | null {
  const status = field(body, 'status');
  const failed = typeof status === 'string' && FAILURES.has(status.trim().toLowerCase());
  const refused = typeof status === 'number' && status >= 400;
  const code = codeIn(body, 'errorCode');
  return failed || refused || code !== null ? { code, text: textIn(body, 'message', 'error') } : null;
}

/** The sentence of an error body of no known shape, `{message: "Forbidden"}`; empty where it has none. */
export const messageIn = (body: unknown): string =>
  isFields(body) ? textIn(body, 'message', 'emsg', 'errMsg', 'error') : '';

const FAILURES: ReadonlySet<string> = new Set(['error', 'failure', 'failed', 'fail']);

function codeIn(body: Fields, name: string): string | null {
  const code = field(body, name);
  if (typeof code === 'number') return String(code);
  return typeof code === 'string' && code.trim() !== '' ? code.trim() : null;
}

function textIn(body: Fields, ...names: readonly string[]): string {
  for (const name of names) {
    const text = field(body, name);
    if (typeof text === 'string' && text !== '') return text; // core takes secrets out before it cuts
  }
  return '';
}
