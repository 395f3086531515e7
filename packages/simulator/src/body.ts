/** A request body with the leniency of the live API: numbers, numeric strings, "" and null are all accepted. */
export type Body = Readonly<Record<string, unknown>>;

/** `undefined` when the text is not a JSON object. No text at all is an empty object. */
export function parseBody(text: string): Body | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Absent, "" and null are all "not given" and read as an empty text. `undefined` for what is no text. */
export function textOf(body: Body, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Absent, "" and null read as 0. `undefined` for what is no number. */
export function numberOf(body: Body, key: string): number | undefined {
  const value = body[key];
  if (value === undefined || value === null || value === '') return 0;
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function isGiven(body: Body, key: string): boolean {
  const value = body[key];
  return value !== undefined && value !== null && value !== '';
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
