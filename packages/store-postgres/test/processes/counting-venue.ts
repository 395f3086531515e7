import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the venue has seen, counted on the other side of the wire. */
export interface CountingVenue {
  readonly origin: string;
  logIns(): number;
  /** Ends every session there is. */
  endSessions(): void;
  /** Order ids by the tag they were placed with. */
  readonly orders: ReadonlyMap<string, string>;
  /** Tags that were placed more than once. */
  readonly repeated: readonly string[];
  close(): Promise<void>;
}

/**
 * A broker on a port of this machine that counts: log-ins, and orders. A log-in ends the session before it. Its wire is
 * one JSON object per answer: `{ "ok": true, ... }` with 200, or 401 for a session that is over.
 */
export async function startCountingVenue(): Promise<CountingVenue> {
  let logIns = 0;
  let ended = 0;
  const orders = new Map<string, string>();
  const repeated: string[] = [];

  function place(tag: string): object {
    if (orders.has(tag)) repeated.push(tag);
    const id = `V${orders.size + repeated.length + 1}`;
    orders.set(tag, id);
    return { id };
  }

  function answer(path: string, token: string, body: string): object | null {
    if (path === '/login') return { token: String((logIns += 1)) };
    if (Number(token) !== logIns || Number(token) <= ended) return null;
    if (path === '/place') return place(body);
    if (path === '/book') return { orders: [...orders].map(([tag, id]) => ({ tag, id })) };
    return {};
  }

  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const found = answer(request.url ?? '', request.headers.authorization ?? '', body);
      const text = JSON.stringify(found === null ? { ok: false } : { ok: true, ...found });
      response.writeHead(found === null ? 401 : 200, { 'content-length': Buffer.byteLength(text) }).end(text);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${portOf(server.address())}`,
    logIns: () => logIns,
    endSessions: () => void (ended = logIns),
    orders,
    repeated,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
