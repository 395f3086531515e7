import { once } from 'node:events';
import { createServer } from 'node:http';

/** One request, as the venue saw it. Times are milliseconds of the machine's one monotonic clock. */
export interface SentOrder {
  readonly sender: string;
  /** What the sender stamped it with, at the moment it let it go. */
  readonly sentAtMs: number;
  readonly arrivedAtMs: number;
}

export interface StampingVenue {
  readonly origin: string;
  readonly orders: readonly SentOrder[];
  close(): Promise<void>;
}

/** A venue that writes down who sent what when, `POST /<sender>/<stamp>`, and when it came. */
export async function startStampingVenue(): Promise<StampingVenue> {
  const orders: SentOrder[] = [];
  const server = createServer((request, response) => {
    const arrivedAtMs = Number(process.hrtime.bigint()) / 1e6;
    const [, sender = '', stamp = ''] = (request.url ?? '').split('/');
    orders.push({ sender, sentAtMs: Number(stamp), arrivedAtMs });
    request.resume();
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    orders,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The most of these moments that lie within any stretch of `perMs`, its end not counted. */
export function mostWithin(momentsMs: readonly number[], perMs: number): number {
  const inOrder = [...momentsMs].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, atMs] of inOrder.entries()) {
    while ((inOrder[first] ?? atMs) <= atMs - perMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
