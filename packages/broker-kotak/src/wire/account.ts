import { field, fieldsOf, optionalText, textOf, unreadable } from './read.js';

/** `POST /login/1.0/tradeApiLogin`. @see Kotak Neo Trade API docs, "Authentication", as of 2026-09 */
export interface LoginBody {
  readonly mobileNumber: string;
  readonly ucc: string;
  readonly totp: string;
}

/**
 * What both steps of a log-in answer inside `data`: the part we use. `token` and `sid` are secrets and live here only
 * until they are wrapped.
 *
 * @see Kotak Neo Trade API docs, "Authentication", as of 2026-09
 */
export interface LoginData {
  readonly token: string;
  readonly sid: string;
  /** `View` after the first step, `Trade` after the second. */
  readonly kind: string | null;
  /** Whose account it is; null where the reply masks it, as the documentation says it may. */
  readonly ucc: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE`, also for a good status without a token */
export function readLogin(value: unknown): LoginData {
  const data = fieldsOf(field(fieldsOf(value, 'the log-in'), 'data'), 'data');
  return {
    token: headerText(textOf(data, 'token'), 'token'),
    sid: headerText(textOf(data, 'sid'), 'sid'),
    kind: optionalText(data, 'kType'),
    ucc: plainUcc(optionalText(data, 'ucc')),
  };
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` when the reply names no host for the calls to come */
export const readBaseUrl = (value: unknown): string =>
  textOf(fieldsOf(field(fieldsOf(value, 'the log-in'), 'data'), 'data'), 'baseUrl').trim();

function headerText(text: string, name: string): string {
  if (HEADER_SAFE.test(text)) return text;
  throw unreadable(`${name} holds characters that no header may carry`);
}

const HEADER_SAFE = /^[\x21-\x7e]{1,8192}$/;

const plainUcc = (ucc: string | null): string | null => {
  const upper = ucc?.toUpperCase() ?? '';
  return PLAIN.test(upper) && !MASK.test(upper) ? upper : null;
};

const PLAIN = /^[A-Z0-9]{1,32}$/;
const MASK = /^X+$/;
