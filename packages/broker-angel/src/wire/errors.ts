import { field, isFields } from './read.js';
import type { Fields } from './read.js';

/** What an error reply says, whichever of the broker's envelopes it came in. */
export interface Envelope {
  /** `AB1004`, `AG8001`; null where the reply names none. */
  readonly code: string | null;
  /** The broker's sentence; empty where there is none. */
  readonly text: string;
}

/** What came back: JSON, another text, a web page, or nothing. Angel answers in all four, under 200 as well. */
export type Said =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'html'; readonly text: string }
  | { readonly kind: 'empty' };

interface Readable {
  text(): string;
  json(): unknown;
}

/** Never throws. */
export function saidIn(reply: Readable): Said {
  const text = reply.text().trim();
  if (text === '') return { kind: 'empty' };
  if (text.startsWith('<')) return { kind: 'html', text };
  try {
    return { kind: 'json', body: reply.json() };
  } catch {
    return { kind: 'text', text };
  }
}

/**
 * Whether the envelope says that it went well. Only `true`, or the word, counts: whatever else it says is no success.
 *
 * `status` is the service's field and `success` the gateway's; the word `"false"` was seen for the first.
 */
export function saysSuccess(body: unknown): boolean {
  if (!isFields(body)) return false;
  const status = field(body, 'status') ?? field(body, 'success');
  return isTrue(status) && codeIn(body) === null;
}

/** Whether the envelope says that it went wrong, in so many words. */
export function saysFailure(body: unknown): boolean {
  if (!isFields(body)) return false;
  const status = field(body, 'status') ?? field(body, 'success');
  return status === false || (typeof status === 'string' && status.toLowerCase() === 'false');
}

const isTrue = (value: unknown): boolean =>
  value === true || (typeof value === 'string' && value.toLowerCase() === 'true');

/**
 * Reads an error body, or null when it is none. Never throws.
 *
 * The shapes: the service's `{status: false, message, errorcode, data: null}`, the gateway's
 * `{success: false, message, errorCode, data: ""}` (SmartAPI forum and docs, copies of 2024).
 */
export function readEnvelope(body: unknown): Envelope | null {
  if (!isFields(body) || saysSuccess(body)) return null;
  const code = codeIn(body);
  const named = field(body, 'status') !== undefined || field(body, 'success') !== undefined;
  return code === null && !named ? null : { code, text: textIn(body, 'message') };
}

/** The sentence of an error body without an envelope, `{message: "Forbidden"}`; null when it has none. */
export function messageIn(body: unknown): Envelope | null {
  const text = isFields(body) ? textIn(body, 'message') : '';
  return text === '' ? null : { code: null, text };
}

function codeIn(body: Fields): string | null {
  for (const name of ['errorcode', 'errorCode']) {
    const code = field(body, name);
    if (typeof code === 'string' && code.trim() !== '') return code.trim();
  }
  return null;
}

function textIn(body: Fields, name: string): string {
  const text = field(body, name);
  return typeof text === 'string' ? text : ''; // core takes secrets out before it cuts
}
