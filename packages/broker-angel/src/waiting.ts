import type { Clock } from '@algo/core/adapter';

/** Waits so long; false when the call was given up before. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = (): void => end(false);
    const cancel = clock.after(ms, () => end(true));
    const end = (waited: boolean): void => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(waited);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) end(false);
  });
}

/** What a task gives if it is done in time, and `otherwise` if it is not or fails. The task itself is not stopped. */
export function withinMs<Value>(ms: number, task: Promise<Value>, otherwise: Value, clock: Clock): Promise<Value> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(otherwise));
    const end = (value: Value): void => {
      cancel();
      resolve(value);
    };
    task.then(end, () => end(otherwise));
  });
}
