/**
 * A `retry-after` header in milliseconds: seconds, whole or not. Null where there is none, and for a date, which is the
 * broker's clock and not ours: then our own back-off decides.
 */
export function retryAfterOf(header: string | null): number | null {
  const text = header?.trim() ?? '';
  return /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Math.ceil(Number(text) * 1_000) : null;
}
