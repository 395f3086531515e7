import { parseIst } from '@algo/core/adapter';

/**
 * Epoch milliseconds of a time in a file; null when it is none.
 *
 * - ISO text with a zone (`Z`, `+05:30`), or without one, which then is IST: `2025-01-15T09:20:11.123456`
 * - a day alone, which is its midnight in IST: `2025-01-15`
 * - epoch seconds or milliseconds; the size tells which
 */
export function timeFrom(value: unknown): number | null {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d{9,13}(?:\.\d{1,6})?$/.test(text)) return fromEpoch(Number(text));
  if (DAY.test(text)) return parseIst(`${text} 00:00`);
  return fromIso(text);
}

/** Seconds have ten digits until the year 2286, milliseconds have thirteen since 2001. */
function fromEpoch(value: number): number | null {
  if (value >= 1e8 && value < 1e10) return Math.floor(value * 1_000);
  return value >= 1e12 && value < 1e13 ? Math.floor(value) : null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?$/;
const IST_OFFSET_MS = 5.5 * 3_600_000;

/** Not `Date.parse`: it takes the host's own zone for texts without one, and 30 February for 2 March. */
function fromIso(text: string): number | null {
  const [, wall = '', zone] = ISO.exec(text) ?? [];
  const asIst = parseIst(wall);
  if (asIst === null || zone === undefined) return asIst;
  const offsetMs = offsetOf(zone);
  return offsetMs === null ? null : asIst + IST_OFFSET_MS - offsetMs;
}

/** Milliseconds east of Greenwich. */
function offsetOf(zone: string): number | null {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  const offsetMs = (hours * 60 + minutes) * 60_000;
  return zone.startsWith('-') ? -offsetMs : offsetMs;
}
