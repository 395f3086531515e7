import type { Reply } from '../wire.js';
import { jsonReply } from '../wire.js';
import type { ResolvedAngelOptions } from './options.js';

/** The envelope of every success. */
export function ok(data: unknown): Reply {
  return jsonReply(200, { status: true, message: 'SUCCESS', errorcode: '', data });
}

/** A list that is empty is sent as `null`. */
export function list(rows: readonly unknown[]): Reply {
  return ok(rows.length === 0 ? null : rows);
}

/** Codes as of 2026-08. Messages of AB1004, AB4008 and the tokens are recorded; the others say what the code means. */
const SERVICE_ERRORS = {
  AB1000: 'Invalid Email Or Password',
  AB1004: 'Something Went Wrong, Please Try After Sometime',
  AB1007: 'Invalid parameters',
  AB1008: 'Invalid Order Variety',
  AB1009: 'Symbol Not Found',
  AB1011: 'Client not login',
  AB1012: 'Invalid Product Type',
  AB1013: 'Order not found',
  AB1021: 'Too many requests',
  AB1050: 'Invalid totp',
  AB1053: 'Invalid apiKey',
  AB2002: 'ROBO order is blocked',
  AB4008: 'Ordertag length should not exceed 20 characters',
  AB4018: 'Symbol token cannot be empty',
  AB4036: 'Scrip is on the cautionary list: scripconsent is required',
  AB8050: 'Invalid Refresh Token',
  AB8051: 'Refresh Token Expired',
} as const satisfies Record<string, string>;

export type ServiceErrorCode = keyof typeof SERVICE_ERRORS;

/** `{status, message, errorcode, data}`, with HTTP 200 unless told otherwise. */
export function serviceError(code: ServiceErrorCode, message: string = SERVICE_ERRORS[code], status = 200): Reply {
  return jsonReply(status, { status: false, message, errorcode: code, data: null });
}

const TOKEN_ERRORS = {
  AG8001: 'Invalid Token',
  AG8002: 'Token Expired',
  AG8003: 'Token missing',
} as const;

/** Refused tokens come in the gateway's envelope, `{success, message, errorCode, data}`, or in the service's. */
export function tokenError(code: keyof typeof TOKEN_ERRORS, { tokenErrors }: ResolvedAngelOptions): Reply {
  const message = TOKEN_ERRORS[code];
  return tokenErrors === 'gateway'
    ? jsonReply(200, { success: false, message, errorCode: code, data: '' })
    : jsonReply(200, { status: false, message, errorcode: code, data: null });
}

/** Which code an unregistered address earns is not known: none is sent, so that no client reads one into it. */
export function wrongAddress(): Reply {
  const message = 'The request did not come from the IP address registered with the API key';
  return jsonReply(200, { status: false, message, errorcode: '', data: null });
}

/** As recorded: plain text, told from an authorisation error only by its words. */
const ACCESS_RATE = 'Access denied because of exceeding access rate';

export function rateLimited({ rateLimitWords }: ResolvedAngelOptions): Reply {
  switch (rateLimitWords) {
    case 'forbidden':
      return text(403, ACCESS_RATE);
    case 'too-many':
      return text(429, 'Too Many Requests');
    case 'code':
      return serviceError('AB1021');
  }
}

/** 403 and 429 are the refusals of a busy gateway: after a place call the order may still exist. */
export function serverError(status: number): Reply {
  if (status === 403) return text(403, ACCESS_RATE);
  if (status === 429) return text(429, 'Too Many Requests');
  return serviceError('AB1004', undefined, status);
}

export function notFound(): Reply {
  return text(404, 'Not Found');
}

function text(status: number, body: string): Reply {
  return { status, contentType: 'text/plain', body };
}
