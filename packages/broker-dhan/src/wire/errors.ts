import { field, isFields } from './read.js';
import type { Fields } from './read.js';

/** What an error body says, whichever of the broker's envelopes it came in. */
export interface Envelope {
  /** `DH-905`, `806`, `RS-9005`; null where the body names none. */
  readonly code: string | null;
  /** The broker's sentence, cut; empty where there is none. */
  readonly text: string;
}

/**
 * Reads an error body, or null when the body is none. Never throws.
 *
 * The shapes, each from a recorded reply (dhanhq-client cassettes, 2025-01 to 2026-03) unless said otherwise:
 *
 * 1. trading `{errorType, errorCode: "DH-905", errorMessage}`; once with a numeric code, by hand
 * 2. data `{status: "failed", data: {"806": "text"}}`, under HTTP 200 too
 * 3. charts `{errorCode: "INTERNAL_SERVER_ERROR" | "NONE", internalErrorCode: "RS-9005", internalErrorMessage}`
 * 4. the framework's `{timestamp, status: 404, error, path}`
 * 5. the token service's `{status: "error", message}` (reported by users, 2026)
 */
export function readEnvelope(body: unknown): Envelope | null {
  if (!isFields(body)) return null;
  const internalCode = codeIn(body, 'internalErrorCode');
  if (internalCode !== null) return { code: internalCode, text: textIn(body, 'internalErrorMessage') };

  const code = codeIn(body, 'errorCode');
  if (code !== null || field(body, 'errorType') !== undefined)
    return { code, text: textIn(body, 'errorMessage', 'message') };

  const status = field(body, 'status');
  if (status === 'failed')
    return dataEnvelope(field(body, 'data')) ?? { code: null, text: textIn(body, 'message', 'remarks') };
  if (status === 'error') return { code: null, text: textIn(body, 'message', 'error') };
  if (typeof status === 'number' && status >= 400) return { code: null, text: textIn(body, 'message', 'error') };
  return null;
}

function dataEnvelope(data: unknown): Envelope | null {
  if (!isFields(data)) return null;
  const code = Object.keys(data).find((key) => /^\d{3}$/.test(key));
  return code === undefined ? null : { code, text: textIn(data, code) };
}

function codeIn(body: Fields, name: string): string | null {
  const code = field(body, name);
  if (typeof code === 'number') return String(code);
  return typeof code === 'string' && code !== '' ? code : null;
}

function textIn(body: Fields, ...names: readonly string[]): string {
  for (const name of names) {
    const text = field(body, name);
    if (typeof text === 'string' && text !== '') return text; // core takes secrets out before it cuts
  }
  return '';
}
