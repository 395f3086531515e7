/**
 * Whether a value is plain data, as JSON knows it, in which `scrub` changes no text. Anything else may hold what nobody
 * looked at.
 */
export function isCleanData(value: unknown, scrub: (text: string) => string): boolean {
  switch (typeof value) {
    case 'string':
      return scrub(value) === value;
    case 'object':
      return value === null || (isPlain(value) && Object.values(value).every((item) => isCleanData(item, scrub)));
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === 'boolean' || value === undefined;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
