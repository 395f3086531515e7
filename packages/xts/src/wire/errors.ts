import { field, isFields } from './read.js';
import type { Fields } from './read.js';

/** What an error body says. */
export interface Envelope {
  /** `e-orders-0005`; null where the body names none. */
  readonly code: string | null;
  /** The broker's sentence with what it says of single fields; empty where there is none. */
  readonly text: string;
}

/**
 * Reads an error body, or null when the body is none. Never throws.
 *
 * `{ type: "error", code: "e-<area>-<n>", description, result? }`, sometimes nested in `data`; a failed validation lists
 * what is wrong in `result.errors`.
 *
 * @see Symphony XTS error replies as collected 2026-11-20; no official list of codes exists
 */
export function readEnvelope(body: unknown): Envelope | null {
  if (!isFields(body)) return null;
  const nested = field(body, 'data');
  return envelopeOf(body) ?? (isFields(nested) ? envelopeOf(nested) : null);
}

/** Whether the body, or what is nested in it, says that it went well, whatever else it says. Never throws. */
export function saysSuccess(body: unknown): boolean {
  if (!isFields(body)) return false;
  return [body, field(body, 'data')].some((part) => isFields(part) && typeOf(part) === 'success');
}

function typeOf(body: Fields): string | null {
  const type = field(body, 'type');
  return typeof type === 'string' ? type.trim().toLowerCase() : null;
}

function envelopeOf(body: Fields): Envelope | null {
  const code = textIn(body, 'code');
  const isError = typeOf(body) === 'error' || code.startsWith('e-');
  if (!isError) return null;
  const sentence = textIn(body, 'description') || textIn(body, 'message');
  return { code: code === '' ? null : code, text: [sentence, ...fieldMessages(body)].filter(Boolean).join('; ') };
}

/** `"orderQuantity" is required`, of the first few fields. */
function fieldMessages(body: Fields): readonly string[] {
  const result = field(body, 'result');
  const errors = isFields(result) ? field(result, 'errors') : null;
  if (!Array.isArray(errors)) return [];
  const messages = errors
    .slice(0, 5)
    .flatMap((error: unknown) => (isFields(error) ? [field(error, 'messages')].flat() : []));
  return messages.filter((message) => typeof message === 'string');
}

function textIn(body: Fields, name: string): string {
  const text = field(body, name);
  return typeof text === 'string' ? text : '';
}
