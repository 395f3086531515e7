import { createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createAlgo, memoryStore, systemClock } from '@algo/core';
import type { Algo, ConnectionManager, OrderOutcome } from '@algo/core';
import type { BrokerRequest } from '@algo/core/adapter';
import { describe, expect, onTestFinished, test } from 'vitest';
import { memoryKeys } from '../simulated.js';
import { buy, createExchange, FAKE, fakeBroker } from './support.js';
import { ownRates } from '../own-rates.js';

/** What one request looked like when it was whole. */
interface Arrived {
  readonly tag: string;
  readonly socket: Socket;
  readonly nth: number;
}

type Misbehave = (arrived: Arrived) => void;

/** An HTTP server by hand: it tells of every whole request, and of every tag of which at least one byte came. */
async function rawServer(options: { onRequest: Misbehave; onConnection?: (socket: Socket, nth: number) => void }) {
  const whole: string[] = [];
  const seen: string[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    options.onConnection?.(socket, connections);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (;;) {
        const path = /^[A-Z]+ \/(\w+)/.exec(text)?.[1];
        if (path !== undefined && !seen.includes(path)) seen.push(path);
        const head = text.indexOf('\r\n\r\n');
        if (head === -1) return;
        const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
        if (text.length < head + 4 + length) return;
        text = text.slice(head + 4 + length);
        whole.push(path ?? '');
        options.onRequest({ tag: path ?? '', socket, nth: whole.length });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, whole, seen, sockets };
}

/** Made ahead: packing it takes longer than an order may. */
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));

/** The SDK on the system's clock, with an adapter that does as the contract says. */
async function startWire(
  origin: () => string,
): Promise<{ readonly algo: Algo; readonly me: ConnectionManager; readonly tags: Map<string, string> }> {
  const tags = new Map<string, string>();
  const broker = fakeBroker(createExchange(), undefined as never, {
    script: ({ http }) => ({
      async placeOrder({ tag }, call) {
        const request: BrokerRequest = {
          purpose: 'command',
          lane: 'orders',
          family: 'orders',
          method: 'POST',
          origin: origin(),
          path: `/${tag}`,
          headers: ['content-type', 'application/json'],
          body: JSON.stringify({ tag }),
        };
        const reply = await http.send(request, call);
        const body = reply.json() as { orderId?: unknown };
        return reply.status === 200 && typeof body.orderId === 'string'
          ? { kind: 'acknowledged', brokerOrderId: body.orderId }
          : { kind: 'unknown', why: `HTTP ${reply.status}` };
      },
    }),
  });
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [broker], clock: systemClock() });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'a-token-0001' });
  await me.establishConnection(FAKE);
  return { algo, me, tags };
}

const ok = (tag: string, extra = ''): string => {
  const body = JSON.stringify({ orderId: `B-${tag}` });
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${extra}\r\n${body}`;
};

async function placed(me: ConnectionManager, clientOrderId: string, deadlineMs = 300) {
  const began = performance.now();
  const outcome = await me.orders.place(buy({ clientOrderId, deadlineMs }));
  const tag = (await me.orders.get(clientOrderId))?.tag ?? '';
  return { outcome, tag, tookMs: performance.now() - began };
}

const MISBEHAVIOURS: readonly (readonly [string, Misbehave])[] = [
  ['resets at once', ({ socket }) => void socket.resetAndDestroy()],
  ['closes without a word', ({ socket }) => void socket.end()],
  ['sends half a status line and closes', ({ socket }) => void socket.end('HTTP/1.1 2')],
  [
    'sends half the headers and resets',
    ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.resetAndDestroy()),
  ],
  [
    'sends the headers and resets before the body',
    ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n', () => socket.resetAndDestroy()),
  ],
  [
    'promises more body than it sends',
    ({ socket, tag }) => void socket.end(ok(tag).replace(/content-length: \d+/, 'content-length: 500')),
  ],
  [
    'promises less body than it sends',
    ({ socket, tag }) => void socket.end(ok(tag).replace(/content-length: \d+/, 'content-length: 5')),
  ],
  ['speaks HTTP/1.0 and cuts the body', ({ socket }) => void socket.end('HTTP/1.0 200 OK\r\n\r\n{"orderId":"B-1')],
  [
    'answers 101',
    ({ socket }) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  ],
  ['answers 100 and then nothing', ({ socket }) => void socket.write('HTTP/1.1 100 Continue\r\n\r\n')],
  [
    'sends broken chunks',
    ({ socket }) =>
      void socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n{"orderId":"B-1"}\r\n0\r\n\r\n'),
  ],
  [
    'sends an endless chunk',
    ({ socket }) =>
      void socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffff\r\n{"orderId":"B-1"}'),
  ],
  [
    'sends both lengths',
    ({ socket }) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  ],
  [
    'sends a gzip bomb',
    ({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`);
      socket.end(BOMB);
    },
  ],
  [
    'sends gzip that is cut',
    ({ socket, tag }) => {
      const cut = gzipSync(JSON.stringify({ orderId: tag })).subarray(0, 15);
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${cut.length}\r\n\r\n`);
      socket.end(cut);
    },
  ],
  [
    'sends a header block without end',
    ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`),
  ],
  ['is no HTTP at all', ({ socket }) => void socket.end('220 smtp.example ready\r\n')],
  [
    'redirects',
    ({ socket }) => void socket.write('HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
  ],
  [
    'drips one byte at a time for ever',
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const timer = setInterval(() => void socket.write('x'), 5);
      socket.on('close', () => clearInterval(timer));
    },
  ],
  ['never answers', () => undefined],
];

describe('a server that took the whole order and then', () => {
  test.each(MISBEHAVIOURS)('%s leaves it unknown at the deadline, sent once', async (what, misbehave) => {
    let served: Socket = new Socket();
    const server = await rawServer({
      onRequest(arrived) {
        served = arrived.socket;
        misbehave(arrived);
      },
    });
    const { me } = await startWire(() => server.origin);
    const { outcome, tag, tookMs } = await placed(me, 'c1');
    expect(outcome.kind).toBe('unknown');
    expect(tookMs).toBeLessThan(2_000); // the deadline, and room for a busy machine
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.whole).toEqual([tag]);
    if (what !== 'redirects') expect(served.destroyed).toBe(true); // what hung was cut off
  });
});

describe('a reply that is odd and whole', () => {
  test.each<readonly [string, Misbehave]>([
    [
      'in HTTP/1.0 without a length',
      ({ socket, tag }) => void socket.end(`HTTP/1.0 200 OK\r\n\r\n{"orderId":"B-${tag}"}`),
    ],
    ['after a 103', ({ socket, tag }) => void socket.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok(tag)}`)],
    [
      'one byte at a time',
      ({ socket, tag }) => {
        const letters = [...ok(tag)].values();
        const next = (): void => {
          const { value, done } = letters.next();
          if (done !== true) socket.write(value, () => setTimeout(next, 1));
        };
        next();
      },
    ],
    ['with a second reply nobody asked for behind it', ({ socket, tag }) => void socket.write(ok(tag) + ok('FORGED'))],
    ['with the connection closed after it', ({ socket, tag }) => void socket.end(ok(tag, 'connection: close\r\n'))],
  ])('%s is read as what it says', async (_what, answer) => {
    const server = await rawServer({ onRequest: answer });
    const { me } = await startWire(() => server.origin);
    for (const clientOrderId of ['c1', 'c2', 'c3']) {
      const { outcome, tag } = await placed(me, clientOrderId, 10_000);
      expect(outcome).toMatchObject({ kind: 'accepted', brokerOrderId: `B-${tag}` });
    }
    expect(new Set(server.whole).size).toBe(3);
  });
});

test('orders written at the moment their idle socket is closed are sent at most once and never called not sent', async () => {
  const server = await rawServer({
    onRequest: ({ socket, tag, nth }) => {
      socket.write(ok(tag));
      // The server drops the idle socket at about the moment the next order takes it.
      const drop = (): void => void (nth % 2 === 0 ? socket.resetAndDestroy() : socket.end());
      if (nth % 3 === 0) setImmediate(drop);
      else setTimeout(drop, nth % 4);
    },
  });
  const { me } = await startWire(() => server.origin);
  const outcomes: { readonly outcome: OrderOutcome; readonly tag: string }[] = [];
  for (let at = 0; at < 600; at += 1) {
    outcomes.push(await placed(me, `c${at}`, 1_000));
    if (at % 2 === 0) await new Promise((resolve) => setTimeout(resolve, at % 4));
    if (me.connection().orderBreaker().kind !== 'closed') break;
  }
  expect(new Set(server.whole).size).toBe(server.whole.length);
  for (const { outcome, tag } of outcomes) {
    if (outcome.kind === 'not-sent') expect(server.seen).not.toContain(tag);
    if (outcome.kind === 'accepted') expect(server.whole).toContain(tag);
  }
});

test('a server that accepts and resets before anything could be written is proven not sent, or unknown, never accepted', async () => {
  const server = await rawServer({
    onConnection: (socket, nth) => (nth % 2 === 1 ? void socket.resetAndDestroy() : undefined),
    onRequest: ({ socket, tag }) => void socket.end(ok(tag, 'connection: close\r\n')),
  });
  const { me } = await startWire(() => server.origin);
  for (let at = 0; at < 30; at += 1) {
    const { outcome, tag } = await placed(me, `c${at}`, 500);
    if (outcome.kind === 'not-sent') expect(server.seen).not.toContain(tag);
    if (outcome.kind === 'accepted') expect(server.whole).toContain(tag);
  }
  expect(new Set(server.whole).size).toBe(server.whole.length);
});

test('after a hundred orders that were cut off the lane still has all its sockets', async () => {
  let broken = true;
  const server = await rawServer({
    onRequest: ({ socket, tag, nth }) => {
      if (!broken) return void socket.write(ok(tag));
      const [, misbehave] = MISBEHAVIOURS[nth % 5] ?? MISBEHAVIOURS[0]!;
      misbehave({ socket, tag, nth });
    },
  });
  const { HttpClient } = await import('../../src/transport/http-client.js');
  const { SendObserver } = await import('../../src/transport/send-observer.js');
  const { createTicker } = await import('../../src/runtime/ticker.js');
  const { createRedactor } = await import('../../src/runtime/redactor.js');
  const { Deadline } = await import('../../src/resilience/deadline.js');
  const { Call } = await import('../../src/transport/call.js');
  const { SocketDesk } = await import('../../src/transport/socket-desk.js');
  const clock = systemClock();
  const ticker = createTicker(clock);
  const observer = new SendObserver();
  const lane = { sockets: 4, keptForExits: 1 };
  const http = new HttpClient({
    broker: 'fake',
    hosts: [],
    rates: ownRates({ orders: [{ limit: 100_000, perMs: 1_000 }] }, clock, ticker),
    lanes: { orders: lane, reads: lane, data: lane, auth: lane },
    localAddress: null,
    proxy: null,
    userId: 'u1',
    sockets: new SocketDesk({ clock }),
    observer,
    ticker,
    monotonic: () => clock.monotonic(),
  });
  onTestFinished(async () => {
    await http.close();
    ticker.close();
    observer.close();
  });
  const send = async (tag: string): Promise<number> => {
    const deadline = new Deadline(1_000, () => clock.monotonic(), ticker);
    const call = new Call({
      deadline,
      startedAtMs: 0,
      beganMs: 0,
      session: null,
      urgency: 'entry',
      who: { broker: 'fake', account: 'main' },
      redactor: createRedactor(),
    } as never);
    const request: BrokerRequest = {
      purpose: 'command',
      lane: 'orders',
      family: 'orders',
      method: 'POST',
      origin: server.origin,
      path: `/${tag}`,
      body: '{}',
    };
    try {
      return (await http.send(request, call)).status;
    } catch {
      return 0;
    } finally {
      call.end();
      deadline.done();
    }
  };
  await Promise.all(Array.from({ length: 100 }, (_, at) => send(`T${at}`)));
  broken = false;
  const began = performance.now();
  expect(await Promise.all(['A', 'B', 'C'].map((tag) => send(tag)))).toEqual([200, 200, 200]);
  expect(performance.now() - began).toBeLessThan(2_000);
});
