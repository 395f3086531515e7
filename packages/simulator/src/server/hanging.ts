/** Requests that wait for a word from the test. */
export interface HangingRequests {
  /** Waits. `false` when the simulator closed meanwhile and nothing more may happen. */
  hold(): Promise<boolean>;
  /** Waits so long in real time, unless the simulator closes first: then `false`. */
  delay(delayMs: number): Promise<boolean>;
  release(): void;
  close(): void;
}

export function createHangingRequests(): HangingRequests {
  const held = new Set<(goOn: boolean) => void>();
  const delayed = new Set<(goOn: boolean) => void>();

  const settle = (waiting: Set<(goOn: boolean) => void>, goOn: boolean): void => {
    for (const resolve of waiting) resolve(goOn);
    waiting.clear();
  };

  return {
    hold: () => new Promise((resolve) => held.add(resolve)),
    delay: (delayMs) =>
      new Promise((resolve) => {
        const finish = (goOn: boolean): void => {
          clearTimeout(timer);
          delayed.delete(finish);
          resolve(goOn);
        };
        const timer = setTimeout(() => finish(true), delayMs);
        delayed.add(finish);
      }),
    release: () => settle(held, true),
    close() {
      settle(held, false);
      settle(delayed, false);
    },
  };
}
