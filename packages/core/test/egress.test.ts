import http from 'node:http';
import type { RequestListener } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { BrokerRequest } from '../src/contract/http.js';
import { isAlgoError } from '../src/errors/algo-error.js';
import type { AnyAlgoError } from '../src/errors/algo-error.js';
import { Deadline } from '../src/resilience/deadline.js';
import { systemClock } from '../src/runtime/clock.js';
import { createRedactor } from '../src/runtime/redactor.js';
import { Secret } from '../src/runtime/secret.js';
import { createTicker } from '../src/runtime/ticker.js';
import { Call } from '../src/transport/call.js';
import { Connectors } from '../src/transport/connector.js';
import { HttpClient } from '../src/transport/http-client.js';
import type { HttpClientOptions } from '../src/transport/http-client.js';
import { SendObserver } from '../src/transport/send-observer.js';
import { SocketDesk } from '../src/transport/socket-desk.js';
import { LOOPBACK_TLS } from './loopback-tls.js';
import { ownRates } from './own-rates.js';
import type { RateLimits } from '../src/contract/rate-limits.js';

const CREDENTIALS = 'someone:CANARY-of-the-proxy';

type ClientOptions = Partial<Pick<HttpClientOptions, 'localAddress' | 'proxy' | 'userId' | 'sockets'>> & {
  readonly rateLimits?: RateLimits;
};

function startClient({ rateLimits = { orders: [] }, ...options }: ClientOptions = {}) {
  const clock = systemClock();
  const ticker = createTicker(clock);
  const observer = new SendObserver();
  const lane = { sockets: 8, keptForExits: 0 };
  const client = new HttpClient({
    broker: 'fake',
    userId: 'u1',
    hosts: [],
    rates: ownRates(rateLimits, clock, ticker),
    lanes: { orders: lane, reads: lane, data: lane, auth: lane },
    localAddress: null,
    proxy: null,
    sockets: new SocketDesk({ clock, connectors: new Connectors(LOOPBACK_TLS.cert) }),
    observer,
    ticker,
    monotonic: () => clock.monotonic(),
    ...options,
  });
  const close = async (): Promise<void> => {
    await client.close();
    observer.close();
    ticker.close();
  };
  onTestFinished(close);
  const newCall = (deadlineMs = 2_000): Call =>
    new Call({
      deadline: new Deadline(deadlineMs, () => clock.monotonic(), ticker),
      startedAtMs: 0,
      beganMs: 0,
      breakerEpoch: 0,
      session: null,
      urgency: 'entry',
      who: { broker: 'fake', account: 'main' },
      redactor: createRedactor(),
    });
  const send = async (origin: string, call = newCall(), lane: BrokerRequest['lane'] = 'orders') => {
    const reply = await client.send(
      { purpose: 'command', lane, family: 'orders', method: 'POST', origin, path: '/orders', body: '{}' },
      call,
    );
    call.deadline.done();
    return reply;
  };
  return { client, send, newCall, close };
}

async function listen(server: net.Server): Promise<number> {
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
  return address.port;
}

interface Asked {
  readonly target: string | undefined;
  readonly from: string | undefined;
  readonly authorization: string | undefined;
}

/** An HTTP proxy that knows `CONNECT` alone. */
async function startProxy(answer: 'tunnel' | 'refuse' | 'silence' = 'tunnel') {
  const asked: Asked[] = [];
  const server = http.createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket) => {
    const { 'proxy-authorization': authorization } = request.headers;
    asked.push({ target: request.url, from: client.remoteAddress, authorization });
    client.on('error', () => undefined);
    if (answer === 'silence') return;
    if (answer === 'refuse') {
      client.end(`HTTP/1.1 407 Who is ${CREDENTIALS}\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const target = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    target.on('close', () => client.destroy());
    client.on('close', () => target.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

async function startBroker(answer: RequestListener = (_request, response) => void response.end('{}')) {
  const seen: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.socket.remoteAddress);
    answer(request, response);
  });
  return { origin: `http://127.0.0.1:${await listen(server)}`, seen };
}

async function failureOf(sending: Promise<unknown>): Promise<AnyAlgoError> {
  try {
    await sending;
  } catch (error) {
    if (isAlgoError(error)) return error;
    throw error;
  }
  throw new Error('must fail');
}

test('each connection leaves from its own address, on sockets of its own', async () => {
  const { origin, seen } = await startBroker();
  const sockets = new SocketDesk({ clock: systemClock() });
  const one = startClient({ localAddress: '127.0.0.2', sockets });
  const two = startClient({ localAddress: '127.0.0.3', sockets });
  for (const { send } of [one, two, one, two]) await send(origin);
  expect(seen).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.3']);
  expect(sockets.counts().open).toBe(2);
});

test('through a proxy: it is asked for a tunnel from the local address, and the broker gets the request', async () => {
  const { origin, seen } = await startBroker();
  const { url, asked } = await startProxy();
  const proxy = { url, credentials: new Secret(CREDENTIALS) };
  const { send, newCall } = startClient({ localAddress: '127.0.0.4', proxy });
  const call = newCall();
  expect((await send(origin, call)).status).toBe(200);
  await send(origin);
  expect([call.record.asked, call.record.written]).toEqual([1, 1]);
  expect(asked).toEqual([
    {
      target: new URL(origin).host,
      from: '127.0.0.4',
      authorization: `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`,
    },
  ]);
  expect(seen).toEqual(['127.0.0.1', '127.0.0.1']);
});

test('TLS goes through the proxy end to end, and its certificate is checked', async () => {
  const port = await listen(https.createServer(LOOPBACK_TLS, (_request, response) => response.end('{"over":"tls"}')));
  const origin = `https://127.0.0.1:${port}`;
  const { url } = await startProxy();
  const trusting = startClient({ proxy: { url } });
  expect((await trusting.send(origin)).json()).toEqual({ over: 'tls' });

  const careful = startClient({ proxy: { url }, sockets: new SocketDesk({ clock: systemClock() }) });
  const call = careful.newCall();
  const error = await failureOf(careful.send(origin, call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'none' });
  expect(error.details).toMatchObject({ cause: expect.stringContaining('SELF_SIGNED') });
  expect(call.record.provesNotSent()).toBe(true);
});

test.each([
  ['refuses', 'refuse', 'PROXY_REFUSED_407'],
  ['is not there', null, 'PROXY_ECONNREFUSED'],
] as const)('a proxy that %s: proven not sent, and nobody reads its credentials', async (_what, answer, cause) => {
  const { origin, seen } = await startBroker();
  const url = answer === null ? 'http://127.0.0.1:1' : (await startProxy(answer)).url;
  const { send, newCall } = startClient({ proxy: { url, credentials: new Secret(CREDENTIALS) } });
  const call = newCall();
  const error = await failureOf(send(origin, call));
  expect(error).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'none', details: { cause } });
  expect(call.record.provesNotSent()).toBe(true);
  const said = JSON.stringify(error) + error.message + String(error.stack);
  for (const secret of ['CANARY', Buffer.from(CREDENTIALS).toString('base64')]) expect(said).not.toContain(secret);
  expect(seen).toEqual([]);
});

test('a proxy that never answers: proven not sent at the deadline, and not sent after', async () => {
  const { origin, seen } = await startBroker();
  const { url, asked } = await startProxy('silence');
  const { send, newCall } = startClient({ proxy: { url } });
  const call = newCall(80);
  expect(await failureOf(send(origin, call))).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'none' });
  expect([call.record.provesNotSent(), asked.length, seen]).toEqual([true, 1, []]);
});

test('what was written into a tunnel that breaks is unknown', async () => {
  const { origin } = await startBroker((request) => void request.socket.destroy());
  const { url } = await startProxy();
  const { send, newCall } = startClient({ proxy: { url } });
  const call = newCall();
  expect(await failureOf(send(origin, call))).toMatchObject({ code: 'ALGO_BROKER_UNREACHABLE', effect: 'unknown' });
  expect(call.record.provesNotSent()).toBe(false);
});

test('later sockets of a road resume the TLS session of the first one, on another lane too', async () => {
  const reused: boolean[] = [];
  const server = https.createServer(LOOPBACK_TLS, (_request, response) => {
    response.writeHead(200, { connection: 'close' }).end('{}');
  });
  server.on('secureConnection', (socket: TLSSocket) => reused.push(socket.isSessionReused()));
  const origin = `https://127.0.0.1:${await listen(server)}`;
  const { send, newCall } = startClient();
  await send(origin);
  await send(origin);
  await send(origin, newCall(), 'reads');
  expect(reused).toEqual([false, true, true]);
});

test('warm sockets are through their handshake before the first order, and nothing was sent on them', async () => {
  let requests = 0;
  const server = https.createServer(LOOPBACK_TLS, (_request, response) => {
    requests += 1;
    response.end('{}');
  });
  const handshakes: unknown[] = [];
  server.on('secureConnection', (socket) => handshakes.push(socket));
  const origin = `https://127.0.0.1:${await listen(server)}`;
  const { client, send, newCall } = startClient();
  client.warm(); // nobody asked for anything yet: no host is known
  await send(origin, newCall(), 'reads');
  client.warm();
  while (handshakes.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await pause(20);
  expect([handshakes.length, requests]).toEqual([2, 1]); // the read's own, and one for orders
  await send(origin);
  expect([handshakes.length, requests]).toEqual([2, 2]);
});

test("one user's slow broker does not hold up another user, though it takes all the sockets it can get", async () => {
  const slow = await startBroker(() => undefined);
  const quick = await startBroker();
  const sockets = new SocketDesk({ clock: systemClock(), total: 16 });
  const hogs = Array.from({ length: 4 }, () => startClient({ userId: 'hog', sockets }));
  const hanging = hogs.flatMap(({ send, newCall }) =>
    Array.from({ length: 8 }, () => send(slow.origin, newCall(20_000)).catch(() => null)),
  );
  while (slow.seen.length < 14) await new Promise((resolve) => setImmediate(resolve));
  expect(sockets.counts()).toEqual({ open: 14, idle: 0, waiting: 18, users: 1 });

  const other = startClient({ userId: 'other', sockets });
  for (let turn = 0; turn < 20; turn += 1) expect((await other.send(quick.origin)).status).toBe(200);
  expect(slow.seen).toHaveLength(14);
  for (const { close } of hogs) await close();
  await Promise.all(hanging);
  expect(sockets.counts()).toMatchObject({ open: 1, waiting: 0 });
});

test('closing while the proxy is asked for a tunnel ends the call at once, and nothing was sent', async () => {
  const { origin, seen } = await startBroker();
  const { url, asked } = await startProxy('silence');
  const { client, send, newCall } = startClient({ proxy: { url } });
  const call = newCall(30_000);
  const sending = failureOf(send(origin, call));
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await client.close();
  expect(await sending).toMatchObject({ code: 'ALGO_CLOSED', effect: 'none' });
  expect([call.record.provesNotSent(), seen]).toEqual([true, []]);
  call.deadline.done();
});

test('closing ends who waits in a line, for a place or for a rate window, and its alarm', async () => {
  const { origin } = await startBroker();
  const { client, send, newCall } = startClient({ rateLimits: { orders: [{ limit: 1, perMs: 20_000 }] } });
  await send(origin);
  const call = newCall(30_000);
  const sending = failureOf(send(origin, call));
  await pause(5);
  await client.close();
  expect(await sending).toMatchObject({ code: 'ALGO_CLOSED', effect: 'none' });
  expect(call.record.provesNotSent()).toBe(true);
  call.deadline.done();
});

test('a request that waited for a socket is counted again when it goes: what was counted before is long past', async () => {
  const held: (() => void)[] = [];
  const { origin } = await startBroker((request, response) => {
    if (request.socket.remoteAddress === '127.0.0.9') held.push(() => response.end('{}'));
    else response.end('{}');
  });
  const sockets = new SocketDesk({ clock: systemClock(), total: 1 });
  const holder = startClient({ localAddress: '127.0.0.9', userId: 'holder', sockets });
  const holding = holder.send(origin);
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const { send } = startClient({ sockets, rateLimits: { orders: [{ limit: 2, perMs: 60_000 }] } });
  const first = send(origin);
  while (sockets.counts().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  held[0]?.();
  await Promise.all([holding, first]);
  expect(await failureOf(send(origin))).toMatchObject({ code: 'ALGO_RATE_LIMITED' });
});

test('closing in mid-call ends every call at once as closed, and leaves no socket and no timer', async () => {
  const { origin, seen } = await startBroker(() => undefined);
  const { url } = await startProxy('silence');
  const handles = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap|Timeout|Immediate/.test(name));
  await pause(10);
  const before = handles();
  const sockets = new SocketDesk({ clock: systemClock(), total: 3 });
  const { client, send, newCall } = startClient({ sockets });
  const proxied = startClient({ sockets, proxy: { url } });
  const calls = Array.from({ length: 6 }, () => newCall(30_000));
  const sending = calls.map((call) => failureOf(send(origin, call)));
  while (seen.length < 3) await new Promise((resolve) => setImmediate(resolve));
  const throughProxy = failureOf(proxied.send(origin, proxied.newCall(30_000)));
  expect(sockets.counts()).toMatchObject({ open: 3, waiting: 4 });

  await Promise.all([client.close(), proxied.client.close()]);
  const errors = await Promise.all([...sending, throughProxy]);
  expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'ALGO_CLOSED'));
  expect(errors.map(({ effect }) => effect)).toEqual([...Array(3).fill('unknown'), ...Array(4).fill('none')]);
  expect(calls.map(({ record }) => record.provesNotSent())).toEqual([false, false, false, true, true, true]);
  for (const { deadline } of calls) deadline.done();
  await proxied.close();
  await pause(30);
  expect(sockets.counts()).toEqual({ open: 0, idle: 0, waiting: 0, users: 0 });
  expect(handles().filter((name) => name === 'TCPSocketWrap')).toEqual(
    before.filter((name) => name === 'TCPSocketWrap'),
  );
});
