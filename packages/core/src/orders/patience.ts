import type { Clock } from '../runtime/clock.js';

/** The value, or null when the time is up or it failed in a way that `tell` does not want told. */
export function before<Value>(
  expires: Promise<null>,
  work: Promise<Value>,
  tell: (error: unknown) => boolean = () => false,
): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    void expires.then(resolve);
    work.then(resolve, (error: unknown) => (tell(error) ? reject(error) : resolve(null)));
  });
}

/** Hands over a promise that resolves when the time is up, and stops its timer when the work ends first. */
export async function within<Value>(
  clock: Clock,
  ms: number,
  work: (expires: Promise<null>) => Promise<Value>,
): Promise<Value> {
  let stop = (): void => undefined;
  const expires = new Promise<null>((resolve) => {
    stop = clock.after(ms, () => resolve(null));
  });
  try {
    return await work(expires);
  } finally {
    stop();
  }
}
