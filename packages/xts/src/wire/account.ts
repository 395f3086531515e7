import { field, isFields } from './read.js';
import type { XtsReader } from './read.js';

/**
 * Result of `POST {interactive}/user/session`: the part we use. Not a plain holder to print: `token` is a secret and lives
 * here only until it is wrapped.
 *
 * @see samples of 2026-11-20: login_interactive_200 and login_dealer_200 (shapes from the docs)
 */
export interface LoginResult {
  readonly token: string;
  readonly userID: string;
  /** False for dealers and prop accounts, which name their client in every call. */
  readonly isInvestorClient: boolean;
  readonly clientCodes: readonly string[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readLogin(read: XtsReader, value: unknown): LoginResult {
  const result = read.fieldsOf(value, 'the log-in');
  const isInvestorClient = field(result, 'isInvestorClient');
  // Which paths and which client the orders go to hangs on it.
  if (typeof isInvestorClient !== 'boolean') throw read.unreadable('isInvestorClient is not true or false');
  const codes = field(result, 'clientCodes');
  return {
    token: readToken(read, value),
    userID: read.textOf(result, 'userID'),
    isInvestorClient,
    clientCodes: Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [],
  };
}

/**
 * The token of either log-in.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function readToken(read: XtsReader, value: unknown): string {
  const token = read.textOf(read.fieldsOf(value, 'the log-in'), 'token');
  if (!HEADER_SAFE.test(token)) throw read.unreadable('token holds characters that no header may carry');
  return token;
}

const HEADER_SAFE = /^[\x21-\x7e]{1,8192}$/;

/** Result of the host lookup; the key's spelling differs between houses. */
export interface HostLookupResult {
  readonly uniqueKey: string;
  readonly connectionString: string;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readHostLookup(read: XtsReader, value: unknown): HostLookupResult {
  const result = read.fieldsOf(value, 'the host lookup');
  const uniqueKey = read.optionalText(result, 'uniqueKey') ?? read.textOf(result, 'UniqueKey');
  return { uniqueKey, connectionString: read.textOf(result, 'connectionString') };
}

/** Result of `GET {interactive}/user/profile`: the part we use. PAN, mail and telephone stay on the wire. */
export interface ProfileBody {
  readonly ClientId: string;
  readonly ClientName: string | null;
  readonly segments: readonly string[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readProfile(read: XtsReader, value: unknown): ProfileBody {
  const body = read.fieldsOf(value, 'the profile');
  return {
    ClientId: read.idOf(body, 'ClientId'),
    ClientName: read.optionalText(body, 'ClientName'),
    segments: enabledSegments(field(body, 'ClientExchangeDetailsList')),
  };
}

/** An object keyed by segment in the docs; what is not one says nothing. */
function enabledSegments(details: unknown): readonly string[] {
  if (!isFields(details)) return [];
  return Object.keys(details).filter((segment) => {
    const one = field(details, segment);
    return !isFields(one) || field(one, 'Enabled') !== false;
  });
}
