import http from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import net from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerRequest, Lane as LaneName } from '../contract/http.js';
import type { RateLimits } from '../contract/rate-limits.js';
import { isAlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import { Deadline } from '../resilience/deadline.js';
import type { Urgency } from '../resilience/urgency.js';
import { systemClock } from '../runtime/clock.js';
import { createRedactor } from '../runtime/redactor.js';
import { Secret } from '../runtime/secret.js';
import { createTicker } from '../runtime/ticker.js';
import { Call } from './call.js';
import { ownRates } from '../../test/own-rates.js';
import { HttpClient } from './http-client.js';
import type { LaneOptions } from './lane.js';
import { SendObserver } from './send-observer.js';
import { SocketDesk } from './socket-desk.js';

const DEADLINE_MS = 2_000;

interface ClientOptions {
  readonly rateLimits?: RateLimits;
  readonly lanes?: Partial<Record<LaneName, LaneOptions>>;
  readonly hosts?: readonly string[];
  readonly localAddress?: string;
}

function startClient({ rateLimits = { orders: [] }, lanes = {}, hosts = [], localAddress }: ClientOptions = {}) {
  const clock = systemClock();
  const ticker = createTicker(clock);
  const observer = new SendObserver();
  const redactor = createRedactor();
  const monotonic = (): number => clock.monotonic();
  const lane = (name: LaneName): LaneOptions => lanes[name] ?? { sockets: 4, keptForExits: 0 };
  const client = new HttpClient({
    broker: 'dhan',
    hosts,
    rates: ownRates(rateLimits, clock, ticker),
    lanes: { orders: lane('orders'), reads: lane('reads'), data: lane('data'), auth: lane('auth') },
    userId: 'u1',
    localAddress: localAddress ?? null,
    proxy: null,
    sockets: new SocketDesk({ clock }),
    observer,
    ticker,
    monotonic,
  });
  onTestFinished(async () => {
    await client.close();
    observer.close();
    ticker.close();
  });
  const newCall = ({
    urgency = 'entry',
    deadlineMs = DEADLINE_MS,
  }: { urgency?: Urgency; deadlineMs?: number } = {}): Call =>
    new Call({
      deadline: new Deadline(deadlineMs, monotonic, ticker),
      startedAtMs: clock.now(),
      beganMs: monotonic(),
      breakerEpoch: 0,
      session: null,
      urgency,
      who: { broker: 'dhan', account: 'main' },
      redactor,
    });
  return { client, newCall, redactor };
}

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const serve = (listener: RequestListener): Promise<string> => listen(http.createServer(listener));
/** Raw sockets: `onHead` is called when the head of a request has arrived. */
const serveRaw = (onHead: (socket: Socket, head: string) => void): Promise<string> =>
  listen(
    net.createServer((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (text.includes('\r\n\r\n')) onHead(socket, text);
      });
    }),
  );

const place = (origin: string, changes: Partial<BrokerRequest> = {}): BrokerRequest => ({
  purpose: 'command',
  lane: 'orders',
  family: 'orders',
  method: 'POST',
  origin,
  path: '/orders',
  headers: ['content-type', 'application/json'],
  body: '{"quantity":1}',
  ...changes,
});

async function failureOf(sending: Promise<unknown>): Promise<AnyAlgoError> {
  try {
    await sending;
  } catch (error) {
    if (isAlgoError(error)) return error;
    throw error;
  }
  throw new Error('must fail');
}

test('a reply comes back whole: status, headers, body', async () => {
  const seen: { method?: string | undefined; url?: string | undefined; body?: string }[] = [];
  const origin = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, body });
      response.writeHead(202, { 'X-Request-Id': 'r1', 'Content-Type': 'application/json' });
      response.end('{"orderId":"1"}');
    });
  });
  const { client, newCall } = startClient();
  const call = newCall();
  const reply = await client.send(place(origin), call);

  expect(reply.status).toBe(202);
  expect(reply.header('x-request-id')).toBe('r1');
  expect(reply.header('absent')).toBeNull();
  expect(reply.json()).toEqual({ orderId: '1' });
  expect(seen).toEqual([{ method: 'POST', url: '/orders', body: '{"quantity":1}' }]);
  expect([call.record.asked, call.record.written]).toEqual([1, 1]);
  expect(call.record.provesNotSent()).toBe(false);
});

test.each([200, 400, 401, 429, 500, 503])(
  'a status of %d is a reply for the adapter to read, not an error',
  async (status) => {
    const origin = await serve((_request, response) => void response.writeHead(status).end('x'));
    const { client, newCall } = startClient();
    expect((await client.send(place(origin), newCall())).status).toBe(status);
  },
);

// What proves that nothing was sent, row by row.

test('connect refused: proven not sent', async () => {
  const server = net.createServer();
  const origin = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(`http://127.0.0.1:${port}`));
    });
  });
  const { client, newCall } = startClient();
  const call = newCall();
  const error = await failureOf(client.send(place(origin), call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'none', details: { cause: 'ECONNREFUSED' } });
  expect(call.record.provesNotSent()).toBe(true);
});

test('TLS that fails: proven not sent', async () => {
  const plain = await listen(net.createServer((socket) => socket.on('data', () => socket.end('this is no TLS'))));
  const { client, newCall } = startClient();
  const call = newCall();
  const error = await failureOf(client.send(place(plain.replace('http:', 'https:')), call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
});

test('accepted and reset before our write: proven not sent', async () => {
  // Over TLS our head is written only after the handshake, so the reset is surely before it.
  const origin = await listen(net.createServer((socket) => socket.resetAndDestroy()));
  const { client, newCall } = startClient();
  const call = newCall();
  const error = await failureOf(client.send(place(origin.replace('http:', 'https:')), call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
});

test('a deadline while connecting: proven not sent, and never written after', async () => {
  const heads: string[] = [];
  // Accepts the connection and never answers the TLS hello.
  const origin = await listen(
    net.createServer((socket) => socket.on('data', (chunk) => heads.push(chunk.toString('latin1')))),
  );
  const { client, newCall } = startClient();
  const call = newCall({ deadlineMs: 60 });
  const began = performance.now();
  const error = await failureOf(client.send(place(origin.replace('http:', 'https:')), call));
  expect(performance.now() - began).toBeLessThan(600);
  expect(error).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
  expect(heads.join('')).not.toContain('POST');
});

test('a pool destroyed while connecting: proven not sent', async () => {
  const origin = await listen(net.createServer(() => undefined));
  const { client, newCall } = startClient();
  const call = newCall();
  const sending = failureOf(client.send(place(origin.replace('http:', 'https:')), call));
  await pause(20);
  await client.close();
  expect(await sending).toMatchObject({ code: 'ALGO_CLOSED', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
});

test('a closed client: proven not sent', async () => {
  const { client, newCall } = startClient();
  await client.close();
  const call = newCall();
  expect(await failureOf(client.send(place('http://127.0.0.1:9'), call))).toMatchObject({
    code: 'ALGO_CLOSED',
    effect: 'none',
  });
  expect(call.record.provesNotSent()).toBe(true);
});

test('reset after our write: unknown', async () => {
  const origin = await serveRaw((socket) => socket.resetAndDestroy());
  const { client, newCall } = startClient();
  const call = newCall();
  const error = await failureOf(client.send(place(origin), call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'unknown' });
  expect(call.record.provesNotSent()).toBe(false);
});

test('FIN after our write: unknown', async () => {
  const origin = await serveRaw((socket) => socket.end());
  const { client, newCall } = startClient();
  const call = newCall();
  const error = await failureOf(client.send(place(origin), call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'unknown' });
  expect(call.record.provesNotSent()).toBe(false);
});

test('no answer: unknown, at the deadline and not later', async () => {
  const origin = await serveRaw(() => undefined);
  const { client, newCall } = startClient();
  const began = performance.now();
  const call = newCall({ deadlineMs: 80 });
  const error = await failureOf(client.send(place(origin), call));
  expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(error).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'unknown', details: { deadlineMs: 80 } });
  expect(call.record.provesNotSent()).toBe(false);
});

test('a call ended by hand after the write: unknown, and the socket is cut', async () => {
  let closed = false;
  const origin = await serveRaw((socket) => socket.on('close', () => (closed = true)));
  const { client, newCall } = startClient();
  const call = newCall();
  const sending = failureOf(client.send(place(origin), call));
  await pause(40);
  call.deadline.expire();
  expect(await sending).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'unknown' });
  await pause(40);
  expect(closed).toBe(true);
});

test.each([
  ['after the head', 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n'],
  ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{"order'],
  ['in the head', 'HTTP/1.1 200 O'],
  ['between chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ord\r\n'],
])('a reply cut %s: unknown, and never half a reply', async (_where, bytes) => {
  const origin = await serveRaw((socket) => socket.end(bytes));
  const { client, newCall } = startClient();
  const call = newCall();
  expect(await failureOf(client.send(place(origin), call))).toMatchObject({
    code: 'ALGO_BROKER_UNREACHABLE',
    effect: 'unknown',
  });
  expect(call.record.provesNotSent()).toBe(false);
});

test('bytes that are no HTTP: unknown', async () => {
  const origin = await serveRaw((socket) => socket.end('+OK ready\r\n'));
  const { client, newCall } = startClient();
  const call = newCall();
  expect(await failureOf(client.send(place(origin), call))).toMatchObject({ effect: 'unknown' });
  expect(call.record.provesNotSent()).toBe(false);
});

test('a failed command is sent once and not again by anybody', async () => {
  let heads = 0;
  const origin = await serveRaw((socket) => {
    heads += 1;
    socket.destroy();
  });
  const { client, newCall } = startClient();
  for (const method of ['POST', 'PUT', 'DELETE'] as const)
    await failureOf(client.send(place(origin, { method }), newCall()));
  await pause(60);
  expect(heads).toBe(3);
});

test('a read changes nothing: its failure has no effect and proves nothing about commands', async () => {
  const origin = await serveRaw((socket) => socket.destroy());
  const { client, newCall } = startClient();
  const call = newCall({ urgency: 'read' });
  const error = await failureOf(client.send(place(origin, { purpose: 'read', method: 'GET' }), call));
  expect(error.effect).toBe('none');
  expect(call.record.asked).toBe(0);
  expect(call.record.provesNotSent()).toBe(false);
});

test('within an order command every request counts, whatever its mark, and a second one is refused after a first was written', async () => {
  const origin = await serveRaw((socket) => socket.destroy());
  const { client, newCall } = startClient();
  const call = newCall({ urgency: 'entry' });
  const error = await failureOf(client.send(place(origin, { purpose: 'read' }), call));
  expect(error.effect).toBe('unknown');
  expect(call.record.provesNotSent()).toBe(false);
  const second = await failureOf(client.send(place(origin), call));
  expect([second.code, second.effect]).toEqual(['ALGO_ADAPTER_FAULT', 'unknown']);
  expect(call.record.written).toBe(1);
});

// The waiting line and the deadline.

test('a request whose time is over while it waits for a socket is never written', async () => {
  const urls: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    urls.push(request.url);
    setTimeout(() => response.end('{}'), 150);
  });
  const { client, newCall } = startClient({ lanes: { orders: { sockets: 1, keptForExits: 0 } } });
  const first = client.send(place(origin, { path: '/first' }), newCall());
  const call = newCall({ deadlineMs: 40 });
  const error = await failureOf(client.send(place(origin, { path: '/late' }), call));
  expect(error).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
  await first;
  await pause(80);
  expect(urls).toEqual(['/first']);
});

test('a request of a call that has ended is not written', async () => {
  let requests = 0;
  const origin = await serve((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  const { client, newCall } = startClient();
  const call = newCall();
  call.end();
  expect(await failureOf(client.send(place(origin), call))).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
  expect(requests).toBe(0);
});

test('a call that ends while its request connects is not written', async () => {
  let requests = 0;
  const origin = await serve((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  const { client, newCall } = startClient();
  const call = newCall();
  const sending = failureOf(client.send(place(origin), call));
  call.end(); // before the socket was there
  await sending;
  await pause(60);
  expect(requests).toBe(0);
  expect(call.record.provesNotSent()).toBe(true);
});

test('the socket of a request that was given up is free for the next one', async () => {
  let hang = true;
  const origin = await serve((_request, response) => {
    if (!hang) response.end('{}');
  });
  const { client, newCall } = startClient({ lanes: { orders: { sockets: 1, keptForExits: 0 } } });
  await failureOf(client.send(place(origin), newCall({ deadlineMs: 40 })));
  hang = false;
  expect((await client.send(place(origin), newCall())).status).toBe(200);
});

test('a place taken ahead of the call is used by its first request and given back after', async () => {
  const origin = await serve((_request, response) => void response.end('{}'));
  const { client, newCall } = startClient({ lanes: { orders: { sockets: 1, keptForExits: 0 } } });
  const call = newCall();
  call.hold(await client.enter('orders', 'entry', 'orders', call.deadline));
  await client.send(place(origin), call);
  await client.send(place(origin), newCall()); // would wait for ever if the place were kept

  const unused = newCall();
  unused.hold(await client.enter('orders', 'entry', 'orders', unused.deadline));
  unused.end();
  expect((await client.send(place(origin), newCall())).status).toBe(200);
});

/** Answers after a moment, so that what comes behind has to wait. */
const serveSlowly = (): Promise<string> => serve((_request, response) => void setTimeout(() => response.end('{}'), 20));
const ONE_SOCKET = { lanes: { orders: { sockets: 1, keptForExits: 0 } } } as const;

test('of commands that wait for one socket every record shows that it was written', async () => {
  const origin = await serveSlowly();
  const { client, newCall } = startClient(ONE_SOCKET);
  const calls = Array.from({ length: 4 }, () => newCall());
  await Promise.all(calls.map((call) => client.send(place(origin), call)));
  expect(calls.map(({ record }) => [record.asked, record.written, record.provesNotSent()])).toEqual(
    calls.map(() => [1, 1, false]),
  );
});

test('a place given back some turns late blinds no record', async () => {
  const origin = await serveSlowly();
  const { client, newCall } = startClient(ONE_SOCKET);
  const calls = Array.from({ length: 6 }, () => newCall({ urgency: 'exit' }));
  await Promise.all(
    calls.map(async (call) => {
      const permit = await client.enter('orders', 'exit', 'orders', call.deadline);
      call.hold({ release: () => setImmediate(() => setImmediate(() => permit.release())) });
      await client.send(place(origin), call);
    }),
  );
  expect(calls.map(({ record }) => record.written)).toEqual(calls.map(() => 1));
});

test('reset after the write of the second command on a socket: unknown', async () => {
  let requests = 0;
  const origin = await serve((request, response) => {
    requests += 1;
    if (requests === 1) setTimeout(() => response.end('{}'), 20);
    else request.socket.destroy();
  });
  const { client, newCall } = startClient(ONE_SOCKET);
  const second = newCall();
  const first = client.send(place(origin), newCall());
  const error = await failureOf(client.send(place(origin), second));
  expect((await first).status).toBe(200);
  expect(requests).toBe(2);
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'unknown' });
  expect(second.record.provesNotSent()).toBe(false);
});

test('a command that waits for a socket while the client closes is proven not sent', async () => {
  const heads: string[] = [];
  const origin = await serveRaw((_socket, head) => heads.push(head));
  const { client, newCall } = startClient(ONE_SOCKET);
  const inFlight = newCall();
  const waiting = newCall();
  const failures = Promise.all([inFlight, waiting].map((call) => failureOf(client.send(place(origin), call))));
  while (heads.length === 0) await pause(2);
  await client.close();
  const [cut, refused] = await failures;
  expect(cut).toMatchObject({ effect: 'unknown' });
  expect(inFlight.record.provesNotSent()).toBe(false);
  expect(refused).toMatchObject({ code: 'ALGO_CLOSED', effect: 'none' });
  expect(waiting.record.provesNotSent()).toBe(true);
  expect(heads).toHaveLength(1);
});

test.each([
  ['a line break', 'canary\ny'],
  ['a null byte', 'canary\u0000'],
  ['a letter that no header may hold', 'canary \u20ac'],
])('a header value with %s, which undici refuses, is proven not sent and costs no socket', async (_what, value) => {
  let requests = 0;
  const origin = await serve((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  const { client, newCall } = startClient(ONE_SOCKET);
  const call = newCall();
  const error = await failureOf(client.send(place(origin, { headers: ['a', new Secret(value)] }), call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'none' });
  expect(JSON.stringify(error)).not.toContain('canary');
  expect(call.record.provesNotSent()).toBe(true);
  expect((await client.send(place(origin), newCall())).status).toBe(200);
  expect(requests).toBe(1);
});

test('headers that cannot be read at all are refused before a place is taken, and leak none', async () => {
  const origin = await serve((_request, response) => void response.end('{}'));
  const { client, newCall } = startClient(ONE_SOCKET);
  const headers: BrokerRequest['headers'] & object = JSON.parse('{"a":"b"}'); // an adapter without types
  for (let round = 0; round < 3; round += 1) {
    const call = newCall();
    await expect(client.send(place(origin, { headers }), call)).rejects.toThrow();
    expect(call.record.provesNotSent()).toBe(true);
  }
  expect((await client.send(place(origin), newCall())).status).toBe(200);
});

test('holds its family to the rate windows', async () => {
  const times: number[] = [];
  const origin = await serve((_request, response) => {
    times.push(performance.now());
    response.end('{}');
  });
  const { client, newCall } = startClient({ rateLimits: { orders: [{ limit: 2, perMs: 100 }] } });
  await Promise.all(Array.from({ length: 6 }, () => client.send(place(origin), newCall())));
  expect(times).toHaveLength(6);
  for (let at = 0; at + 2 < times.length; at += 1) expect((times[at + 2] ?? 0) - (times[at] ?? 0)).toBeGreaterThan(70);
});

test('a family without declared limits is a fault of the adapter, proven not sent', async () => {
  const { client, newCall } = startClient();
  const call = newCall();
  const error = await failureOf(client.send(place('http://127.0.0.1:9', { family: 'unheard-of' }), call));
  expect(error).toMatchObject({ code: 'ALGO_ADAPTER_FAULT', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
});

test('a call that core did not make is a fault of the adapter', async () => {
  let requests = 0;
  const origin = await serve((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  const { client } = startClient();
  const foreign: BrokerCall = {
    get session(): never {
      throw new Error('none');
    },
    startedAtMs: 0,
    remainingMs: () => 1_000,
    signal: new AbortController().signal,
  };
  expect(await failureOf(client.send(place(origin), foreign))).toMatchObject({ code: 'ALGO_ADAPTER_FAULT' });
  expect(requests).toBe(0);
});

test('an origin that is not the broker’s is refused before anything is sent', async () => {
  const { client, newCall } = startClient({ hosts: ['api.broker.test'] });
  const call = newCall();
  const error = await failureOf(
    client.send(place('https://evil.test', { headers: ['token', new Secret('canary')] }), call),
  );
  expect(error).toMatchObject({ code: 'ALGO_HOST_NOT_ALLOWED', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
});

// What a reply may be.

test.each([301, 302, 303, 307, 308])('a redirect (%d) is not followed', async (status) => {
  const urls: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    urls.push(request.url);
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  const { client, newCall } = startClient();
  const error = await failureOf(client.send(place(origin), newCall()));
  expect(error).toMatchObject({ code: 'ALGO_REPLY_UNREADABLE', effect: 'unknown', details: { status } });
  await pause(20);
  expect(urls).toEqual(['/orders']);
});

test('a gzip reply is unpacked, in one piece or in many', async () => {
  const plain = JSON.stringify({ rows: Array.from({ length: 20_000 }, (_, at) => `row ${at}`) });
  const origin = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' });
    const bytes = gzipSync(plain);
    response.write(bytes.subarray(0, 100));
    setTimeout(() => response.end(bytes.subarray(100)), 10);
  });
  const { client, newCall } = startClient();
  expect((await client.send(place(origin), newCall())).text()).toBe(plain);
});

test.each<readonly [string, string, Buffer]>([
  ['gzip that is none', 'gzip', Buffer.from('hello')],
  ['cut gzip', 'gzip', gzipSync('hello').subarray(0, 12)],
  ['an encoding we did not ask for', 'br', brotliCompressSync('hello')],
])('%s is unreadable', async (_name, encoding, bytes) => {
  const origin = await serve(
    (_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(bytes),
  );
  const { client, newCall } = startClient();
  const error = await failureOf(client.send(place(origin), newCall()));
  expect(error).toMatchObject({ code: 'ALGO_REPLY_UNREADABLE', effect: 'unknown' });
});

test('a reply larger than asked for is dropped, and its socket with it', async () => {
  let closed = 0;
  const origin = await serve((request, response) => {
    request.socket.on('close', () => (closed += 1));
    response.writeHead(200);
    response.write(Buffer.alloc(600));
    response.write(Buffer.alloc(600)); // and it never ends
  });
  const { client, newCall } = startClient({ lanes: { orders: { sockets: 1, keptForExits: 0 } } });
  const error = await failureOf(client.send(place(origin, { maxBytes: 1_000 }), newCall()));
  expect(error).toMatchObject({ code: 'ALGO_REPLY_TOO_LARGE', effect: 'unknown', details: { limitBytes: 1_000 } });
  await pause(40);
  expect(closed).toBe(1);
});

test('a reply of exactly the largest size is taken', async () => {
  const origin = await serve((_request, response) => void response.end(Buffer.alloc(1_000, 'x')));
  const { client, newCall } = startClient();
  expect((await client.send(place(origin, { maxBytes: 1_000 }), newCall())).body.length).toBe(1_000);
});

test('a small gzip that becomes a large reply is dropped', async () => {
  const origin = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)));
  });
  const { client, newCall } = startClient();
  const error = await failureOf(client.send(place(origin, { maxBytes: 100_000 }), newCall()));
  expect(error).toMatchObject({ code: 'ALGO_REPLY_TOO_LARGE', details: { limitBytes: 100_000 } });
});

test('an early hint before the reply is not the reply', async () => {
  const origin = await serveRaw((socket) => {
    socket.end('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  });
  const { client, newCall } = startClient();
  const reply = await client.send(place(origin), newCall());
  expect([reply.status, reply.text()]).toEqual([200, '{}']);
});

// Secrets.

test('secrets in headers and query reach the wire and no error', async () => {
  let seen: Pick<IncomingMessage, 'url' | 'headers'> | null = null;
  let fail = false;
  const origin = await serve((request, response) => {
    seen = { url: request.url, headers: request.headers };
    if (fail) request.socket.destroy();
    else response.end('{}');
  });
  const { client, newCall } = startClient();
  const request = place(origin, {
    path: '/login?step=1',
    secretQuery: { totp: new Secret('canary&1=2'), plain: 'yes' },
    headers: ['access-token', new Secret('canary-header'), 'x-plain', 'p'],
  });
  await client.send(request, newCall());
  expect(seen).toMatchObject({
    url: '/login?step=1&totp=canary%261%3D2&plain=yes',
    headers: { 'access-token': 'canary-header', 'x-plain': 'p' },
  });

  await client.send({ ...request, path: '/login' }, newCall());
  expect(seen).toMatchObject({ url: '/login?totp=canary%261%3D2&plain=yes' });

  fail = true;
  const error = await failureOf(client.send(request, newCall()));
  expect(JSON.stringify(error) + String(error.stack)).not.toContain('canary');
});

test('a secret in a query is kept out of every text while its call lasts', async () => {
  const origin = await serve((_request, response) => void response.end('{}'));
  const { client, newCall, redactor } = startClient();
  const call = newCall();
  await client.send(place(origin, { secretQuery: { totp: new Secret('canary-123456') } }), call);
  expect(redactor.scrub('code canary-123456')).toBe('code [secret]');
  call.end();
  expect(redactor.scrub('code canary-123456')).toBe('code canary-123456');
});

test('leaves from the local address it was given', async () => {
  let from: string | undefined;
  const origin = await serve((request, response) => {
    from = request.socket.remoteAddress;
    response.end('{}');
  });
  const { client, newCall } = startClient({ localAddress: '127.0.0.2' });
  await client.send(place(origin), newCall());
  expect(from).toBe('127.0.0.2');
});

test('keeps its sockets for the next request, and lanes apart', async () => {
  const ports: (number | undefined)[] = [];
  const origin = await serve((request, response) => {
    ports.push(request.socket.remotePort);
    response.end('{}');
  });
  const { client, newCall } = startClient({ rateLimits: { orders: [], reads: [] } });
  await client.send(place(origin), newCall());
  await pause(10);
  await client.send(place(origin), newCall());
  await client.send(place(origin, { purpose: 'read', lane: 'reads', family: 'reads', method: 'GET' }), newCall());
  expect(ports[1]).toBe(ports[0]);
  expect(ports[2]).not.toBe(ports[0]);
});
