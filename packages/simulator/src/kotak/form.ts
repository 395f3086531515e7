import type { Body } from '../body.js';
import { parseBody } from '../body.js';

/**
 * The JSON inside the form field `jData`, whether spaces came as `+` or as `%20`.
 *
 * @returns `undefined` when the field is missing or no JSON object
 */
export function readForm(bodyText: string): Body | undefined {
  const text = new URLSearchParams(bodyText).get('jData');
  return text === null || text.trim() === '' ? undefined : parseBody(text);
}

/** Absent and null read as "". `undefined` for a number or a flag: every value of jData is a text. */
export function wordOf(body: Body, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : undefined;
}

/** A number written as text, not below 0; "" reads as 0. `undefined` for what is none. */
export function amountOf(body: Body, key: string): number | undefined {
  const text = wordOf(body, key);
  if (text === '') return 0;
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
