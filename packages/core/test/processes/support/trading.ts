import { setTimeout as pause } from 'node:timers/promises';
import type { Trader } from './trader-process.js';
import type { Line } from './trader-words.js';

/** Orders and quotes that go on until they are stopped. */
export interface Trading {
  /** How every order asked for so far was answered, by client order id. */
  readonly placed: ReadonlyMap<string, Line>;
  /** Brokers that quotes came from, in order; null where no broker had one. */
  readonly quoted: readonly (string | null)[];
  /** How many orders were asked for. */
  readonly asked: number;
  /** Resolves when all of them are answered. */
  stop(): Promise<void>;
}

/** @param prefix of the client order ids @param everyMs between two orders */
export function startTrading(trader: Trader, prefix: string, everyMs: number): Trading {
  const placed = new Map<string, Line>();
  const quoted: (string | null)[] = [];
  const open: Promise<unknown>[] = [];
  const abort = new AbortController();
  let asked = 0;
  const going = (async () => {
    while (!abort.signal.aborted) {
      const clientOrderId = `${prefix}${(asked += 1)}`;
      open.push(trader.ask('place', { clientOrderId }).then((line) => placed.set(clientOrderId, line)));
      open.push(
        trader.ask('quotes').then(({ broker, stale }) => quoted.push(stale === true ? null : (broker ?? null))),
      );
      await pause(everyMs);
    }
  })();
  return {
    placed,
    quoted,
    get asked() {
      return asked;
    },
    async stop() {
      abort.abort();
      await going;
      await Promise.all(open);
    },
  };
}

/** Waits for what happens in other processes. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come true in time: ${what}`);
    await pause(10);
  }
}
