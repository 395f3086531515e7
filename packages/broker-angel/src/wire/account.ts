import { dataOf, field, fieldsOf, optionalText, textOf, unreadable } from './read.js';

/**
 * `POST /rest/auth/angelbroking/user/v1/loginByPassword`; the password is the MPIN.
 *
 * @see SmartAPI docs, "User", copy of 2024. Their form also has `state`, which the official client does not send.
 */
export interface LoginBody {
  readonly clientcode: string;
  readonly password: string;
  readonly totp: string;
}

/**
 * What a log-in and a renewal answer. All three are secrets and live here only until they are wrapped.
 *
 * @see SmartAPI docs, "User", copy of 2024
 */
export interface TokenSet {
  /** Without the word Bearer before it, which was seen at times. */
  readonly jwtToken: string;
  readonly refreshToken: string | null;
  readonly feedToken: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readTokens(body: unknown): TokenSet {
  const data = fieldsOf(dataOf(body), 'the tokens');
  return {
    jwtToken: headerSafe(withoutBearer(textOf(data, 'jwtToken')), 'jwtToken'),
    refreshToken: optionalText(data, 'refreshToken'),
    feedToken: optionalText(data, 'feedToken'),
  };
}

export const withoutBearer = (token: string): string => token.replace(/^\s*bearer\s+/i, '').trim();

/** A token stands in a header of every later request. */
export function headerSafe(token: string, name: string): string {
  if (!HEADER_SAFE.test(token)) throw unreadable(`${name} holds characters that no header may carry`);
  return token;
}

const HEADER_SAFE = /^[\x21-\x7e]{1,8192}$/;

/** `GET user/v1/getProfile`: the part we use. Same source. */
export interface ProfileBody {
  readonly clientcode: string;
  readonly name: string | null;
  readonly exchanges: readonly string[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readProfile(body: unknown): ProfileBody {
  const data = fieldsOf(dataOf(body), 'the profile');
  return {
    clientcode: textOf(data, 'clientcode').trim(),
    name: optionalText(data, 'name'),
    exchanges: wordsIn(field(data, 'exchanges')),
  };
}

/** A list of words, sent as one or as the text of one: `"[ \"NSE\", \"BSE\" ]"`. What is neither has none. */
function wordsIn(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? parsed(value) : value;
  return Array.isArray(list) ? list.filter((word) => typeof word === 'string') : [];
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}
