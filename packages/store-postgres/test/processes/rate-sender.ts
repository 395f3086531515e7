/**
 * Runs in a process of its own: `node child.mjs <name> <address> <schema> <task>`. It sends as much as the budget that it
 * shares with others through the database lets it, until it is ended.
 */
import { Agent, request } from 'node:http';
import type { RateWindow } from '@algo/core/store';
import { postgres } from '@algo/store-postgres';
import { silentLogger } from '../../../core/src/runtime/logger.js';
import { systemClock } from '../../../core/src/runtime/clock.js';
import { createTicker } from '../../../core/src/runtime/ticker.js';
import { RateDesk } from '../../../core/src/transport/rate-desk.js';

/** What every sender of a test is told. */
export interface SenderTask {
  readonly origin: string;
  readonly windows: readonly RateWindow[];
}

const [, , name = '', connectionString = '', schema = '', task = '{}'] = process.argv;
const { origin, windows }: SenderTask = JSON.parse(task);

/** Counts from the start of the machine, for every process of it alike; so the stamps of all can be put in one row. */
const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

const clock = { ...systemClock(), monotonic };
const ticker = createTicker(clock);
const store = await postgres({ connectionString, schema, connections: 2 }).open();
const desk = new RateDesk({ clock, ticker, logger: silentLogger, budgets: store.budgets });
const key = { userId: 'u1', broker: 'counting', account: 'main', address: '127.0.0.1' };
const places = desk.ratesOf(key, { orders: windows }).of('orders', 'orders');
if (places === null) throw new Error('the family is not known');

const agent = new Agent({ keepAlive: true });
process.stdout.write('ready\n');

for (;;) {
  const nowMs = monotonic();
  const waitMs = places.take(nowMs, 0, 'entry');
  if (waitMs === 0) send(nowMs);
  else await comeBack(nowMs + waitMs);
}

function send(sentAtMs: number): void {
  const call = request(`${origin}/${name}/${sentAtMs}`, { method: 'POST', agent }, (reply) => {
    reply.resume();
    reply.on('end', () => places?.ended(monotonic()));
  });
  call.end();
}

/** When it is time, or when the store answered before. */
async function comeBack(atMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = ticker.at(atMs, resolve);
    places?.onPlaces(() => {
      cancel();
      resolve();
    });
  });
}
