import { fieldsOf, idOf, optionalText, textOf, unreadable } from './read.js';

/**
 * `GET /profile`: the part we use. The sandbox sends a shorter one.
 *
 * @see DhanHQ v2 docs, "Authentication", captured 2026-07-15
 */
export interface ProfileBody {
  readonly dhanClientId: string;
  /** `DD/MM/YYYY HH:MM`, IST. */
  readonly tokenValidity: string | null;
  /** `Equity, Derivative, …` */
  readonly activeSegment: string | null;
  /** `Active` or `Deactive`. */
  readonly dataPlan: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readProfile(value: unknown): ProfileBody {
  const body = fieldsOf(value, 'the profile');
  return {
    dhanClientId: idOf(body, 'dhanClientId'),
    tokenValidity: optionalText(body, 'tokenValidity'),
    activeSegment: optionalText(body, 'activeSegment'),
    dataPlan: optionalText(body, 'dataPlan'),
  };
}

/**
 * `GET /ip/getIP`.
 *
 * @see DhanHQ v2 docs, "Authentication", captured 2026-07-15; `detectedIP` is not documented and was seen in live answers
 */
export interface StaticIpBody {
  readonly primaryIP: string | null;
  readonly secondaryIP: string | null;
  /** Where Dhan sees the call come from; null where it is not sent. */
  readonly detectedIP: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readStaticIp(value: unknown): StaticIpBody {
  const body = fieldsOf(value, 'the static IP');
  return {
    primaryIP: optionalText(body, 'primaryIP'),
    secondaryIP: optionalText(body, 'secondaryIP'),
    detectedIP: optionalText(body, 'detectedIP'),
  };
}

/**
 * What `generateAccessToken` and `RenewToken` answer. Not a plain string holder to print: `accessToken` is a secret and
 * lives here only until it is wrapped.
 *
 * @see DhanHQ v2 docs, "Authentication", captured 2026-07-15; for RenewToken they name `accessToken` alone
 */
export interface TokenBody {
  readonly accessToken: string;
  /** IST without a zone, `2026-01-01T00:00:00.000`; null where it is not sent. */
  readonly expiryTime: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readToken(value: unknown): TokenBody {
  const body = fieldsOf(value, 'the token');
  const accessToken = textOf(body, 'accessToken');
  if (!HEADER_SAFE.test(accessToken)) throw unreadable('accessToken holds characters that no header may carry');
  return { accessToken, expiryTime: optionalText(body, 'expiryTime') };
}

const HEADER_SAFE = /^[\x21-\x7e]{1,8192}$/;

/** `POST /app/generate-consent`. @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const readConsentId = (value: unknown): string => textOf(fieldsOf(value, 'the consent'), 'consentAppId');
