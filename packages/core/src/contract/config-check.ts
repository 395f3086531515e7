import type { InputProblem } from '../errors/codes.js';
import type { RateLimits, RateWindow } from './rate-limits.js';

/** Checks that every broker's configuration needs. Each adds what is wrong to `problems`, so that a host sees all at once. */

/** A URL in the two parts a request wants: `https://api.dhan.co` and `/v2`. */
export interface Root {
  readonly origin: string;
  readonly path: string;
}

/** A misspelt option would be ignored in silence otherwise. */
export function checkNames(prefix: string, given: unknown, known: readonly string[], problems: InputProblem[]): void {
  if (typeof given !== 'object' || given === null) {
    problems.push({ field: prefix.slice(0, -1) || 'config', problem: 'must be an object' });
    return;
  }
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      problems.push({ field: `${prefix}${name}`, problem: `is not an option; known are ${known.join(', ')}` });
  }
}

/** One of a few words. */
export function choice<Value extends string>(
  field: string,
  value: Value,
  values: readonly Value[],
  problems: InputProblem[],
): Value {
  if (!values.includes(value)) problems.push({ field, problem: `must be ${values.join(' or ')}` });
  return value;
}

/** The root of an API; a slash at its end is dropped. */
export function rootOf(field: string, value: string, problems: InputProblem[]): Root {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    problems.push({ field, problem: 'must be a http(s) URL without user, query and fragment' });
    return { origin: '', path: '' };
  }
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
}

/** Windows by family that a host sets instead of the broker's; each family is replaced whole. */
export function checkedRates(
  rates: Readonly<Partial<Record<string, readonly RateWindow[]>>>,
  families: readonly string[],
  problems: InputProblem[],
): RateLimits {
  checkNames('rateLimits.', rates, families, problems);
  const checked: Record<string, readonly RateWindow[]> = {};
  for (const [family, windows] of Object.entries(rates)) {
    if (windows === undefined) continue;
    const sound = Array.isArray(windows) && windows.length > 0 && windows.every(isWindow);
    if (sound) checked[family] = windows;
    else
      problems.push({
        field: `rateLimits.${family}`,
        problem: 'must be windows of { limit, perMs }, whole numbers above 0, and what RateWindow names besides',
      });
  }
  return checked;
}

const isWindow = (window: unknown): boolean =>
  typeof window === 'object' &&
  window !== null &&
  'limit' in window &&
  'perMs' in window &&
  isCount(window.limit) &&
  isCount(window.perMs) &&
  Object.entries(window).every(([name, value]) => isWindowOption(name, value));

/** A misspelt option would count everybody together, or a day as a sliding one. */
function isWindowOption(name: string, value: unknown): boolean {
  if (name === 'per') return value === undefined || value === 'account' || value === 'address';
  if (name === 'counted') return value === undefined || value === 'sliding' || value === 'ist-day';
  if (name === 'bySegment') return value === undefined || typeof value === 'boolean';
  return name === 'limit' || name === 'perMs';
}

/** A whole number above zero. */
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;
