import http from 'node:http';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { BrokerRequest, BrokerStream } from '../contract/http.js';
import { streamReply } from '../contract/http.js';
import { isAlgoError } from '../errors/algo-error.js';
import { Deadline } from '../resilience/deadline.js';
import type { Urgency } from '../resilience/urgency.js';
import { systemClock } from '../runtime/clock.js';
import { createRedactor } from '../runtime/redactor.js';
import { createTicker } from '../runtime/ticker.js';
import { ownRates } from '../../test/own-rates.js';
import { Call } from './call.js';
import { HttpClient } from './http-client.js';
import { SendObserver } from './send-observer.js';
import { SocketDesk } from './socket-desk.js';

interface Started {
  readonly client: HttpClient;
  newCall(options?: { readonly urgency?: Urgency; readonly deadlineMs?: number }): Call;
  ask(path?: string, changes?: Partial<BrokerRequest>, call?: Call): Promise<BrokerStream>;
  /** Sockets that are open at the server now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Sockets that were ever opened. */
  opened(): number;
}

/** A server and a client whose data lane has one socket: what does not give it back shows at once. */
async function start(listener: RequestListener): Promise<Started> {
  const server = http.createServer(listener);
  const sockets = new Set<Socket>();
  let opened = 0;
  server.on('connection', (socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const clock = systemClock();
  const ticker = createTicker(clock);
  const observer = new SendObserver();
  const lane = { sockets: 1, keptForExits: 0 };
  const client = new HttpClient({
    broker: 'dhan',
    hosts: [],
    rates: ownRates({ instruments: [], orders: [] }, clock, ticker),
    lanes: { orders: lane, reads: lane, data: lane, auth: lane },
    userId: 'u1',
    localAddress: null,
    proxy: null,
    sockets: new SocketDesk({ clock }),
    observer,
    ticker,
    monotonic: () => clock.monotonic(),
  });
  onTestFinished(async () => {
    await client.close();
    observer.close();
    ticker.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const newCall: Started['newCall'] = ({ urgency = 'read', deadlineMs = 2_000 } = {}) =>
    new Call({
      deadline: new Deadline(deadlineMs, () => clock.monotonic(), ticker),
      startedAtMs: clock.now(),
      beganMs: clock.monotonic(),
      breakerEpoch: 0,
      session: null,
      urgency,
      who: { broker: 'dhan', account: 'main' },
      redactor: createRedactor(),
    });
  const ask: Started['ask'] = (path = '/master.csv', changes = {}, call = newCall()) =>
    client.stream(
      {
        purpose: 'read',
        lane: 'data',
        family: 'instruments',
        method: 'GET',
        origin: `http://127.0.0.1:${address.port}`,
        path,
        ...changes,
      },
      call,
    );
  return { client, newCall, ask, sockets, opened: () => opened };
}

async function bodyOf(stream: BrokerStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream.chunks) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (!isAlgoError(error)) throw error;
    expect(error.effect).toBe('none');
    expect(JSON.stringify(error) + error.message).not.toContain('127.0.0.1');
    return error.code;
  }
}

test('a reply comes piece by piece while the rest is still on its way', async () => {
  let goOn: () => void = () => undefined;
  const { ask } = await start((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    response.write('first');
    goOn = () => response.end('last');
  });
  const stream = await ask();
  expect([stream.status, stream.header('Content-Type'), stream.header('x')]).toEqual([200, 'text/csv', null]);
  const pieces: string[] = [];
  for await (const piece of stream.chunks) {
    pieces.push(Buffer.from(piece).toString());
    goOn();
  }
  expect(pieces.join('|')).toBe('first|last');
});

test('gzip is undone on the way, also where a piece ends anywhere', async () => {
  const text = Array.from({ length: 20_000 }, (_, at) => `row ${at}`).join('\n');
  const { ask } = await start((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const zipped = gzipSync(text);
    for (let from = 0; from < zipped.length; from += 777) response.write(zipped.subarray(from, from + 777));
    response.end();
  });
  expect((await bodyOf(await ask())).toString()).toBe(text);
});

test('an error status is a reply like any other', async () => {
  const { ask } = await start((_request, response) => response.writeHead(503).end('down'));
  const stream = await ask();
  expect([stream.status, (await bodyOf(stream)).toString()]).toEqual([503, 'down']);
});

test('a redirect is not followed, and an encoding that was not asked for is not guessed', async () => {
  let asked = 0;
  const { ask } = await start((request, response) => {
    asked += 1;
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end();
    else response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync('x'));
  });
  expect(await codeOf(ask('/moved'))).toBe('ALGO_REPLY_UNREADABLE');
  expect(await codeOf(ask('/br'))).toBe('ALGO_REPLY_UNREADABLE');
  expect(asked).toBe(2);
});

test('the bound counts what comes out of the gzip: a bomb ends where the bound is', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const { ask } = await start((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  );
  const stream = await ask('/', { maxBytes: 1_000_000 });
  let bytes = 0;
  const reading = (async () => {
    for await (const piece of stream.chunks) bytes += piece.length;
  })();
  expect(await codeOf(reading)).toBe('ALGO_REPLY_TOO_LARGE');
  expect(bytes).toBeLessThanOrEqual(1_000_000);
});

test('a plain body beyond the bound is cut off, and one of exactly that size is not', async () => {
  const { ask } = await start((_request, response) => response.end(Buffer.alloc(100_000)));
  expect(await codeOf(ask('/', { maxBytes: 99_999 }).then(bodyOf))).toBe('ALGO_REPLY_TOO_LARGE');
  expect(await bodyOf(await ask('/', { maxBytes: 100_000 }))).toHaveLength(100_000);
});

test.each([
  ['is no gzip', Buffer.from('plainly not')],
  ['breaks off', gzipSync('x'.repeat(10_000)).subarray(0, 20)],
])('gzip that %s is unreadable', async (_what, body) => {
  const { ask } = await start((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(body),
  );
  expect(await codeOf(ask().then(bodyOf))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a body that breaks off is an error, never a short body', async () => {
  const { ask } = await start((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => response.destroy(), 10);
  });
  expect(await codeOf(ask().then(bodyOf))).toBe('ALGO_BROKER_UNREACHABLE');
});

test('nobody there is an error before anything else', async () => {
  const { client, newCall } = await start((_request, response) => response.end());
  const request = { purpose: 'read', lane: 'data', family: 'instruments', method: 'GET', path: '/' } as const;
  expect(await codeOf(client.stream({ ...request, origin: 'http://127.0.0.1:1' }, newCall()))).toBe(
    'ALGO_BROKER_UNREACHABLE',
  );
});

test('the deadline holds before the head and within the body', async () => {
  const { ask, newCall } = await start((request, response) => {
    if (request.url === '/head') return;
    response.writeHead(200);
    response.write('some');
  });
  expect(await codeOf(ask('/head', {}, newCall({ deadlineMs: 40 })))).toBe('ALGO_DEADLINE');
  expect(await codeOf(ask('/body', {}, newCall({ deadlineMs: 40 })).then(bodyOf))).toBe('ALGO_DEADLINE');
});

test('the socket is used again after the last piece', async () => {
  const { ask, opened } = await start((_request, response) => response.end('x'));
  for (let turn = 0; turn < 3; turn += 1) expect(await bodyOf(await ask())).toHaveLength(1);
  expect(opened()).toBe(1);
});

test('who stops early, cancels, never reads or fails gives the place back', async () => {
  const endless: RequestListener = (request, response) => {
    if (request.url === '/last') return void response.end('x');
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const { ask, newCall, sockets } = await start(endless);
  for await (const piece of (await ask()).chunks) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  (await ask()).cancel();
  const unread = newCall();
  await ask('/', {}, unread);
  unread.end();
  expect(await codeOf(ask('/', { maxBytes: 100_000 }).then(bodyOf))).toBe('ALGO_REPLY_TOO_LARGE');
  expect(await bodyOf(await ask('/last'))).toHaveLength(1);
  await pause(20);
  expect(sockets.size).toBe(1);
});

test('what is still being read ends with its call', async () => {
  const { ask, newCall } = await start((_request, response) => {
    response.writeHead(200);
    response.write('x');
  });
  const call = newCall();
  const reading = ask('/', {}, call).then(bodyOf);
  setTimeout(() => call.end(), 20);
  expect(await codeOf(reading)).toBe('ALGO_CLOSED');
});

test('a reader that is slow slows the sender down', async () => {
  let sent = 0;
  const { ask } = await start((_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (sent < 60_000_000 && !response.destroyed) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const stream = await ask();
  for await (const piece of stream.chunks) {
    expect(piece.length).toBeGreaterThan(0);
    await pause(150);
    break;
  }
  expect(sent).toBeLessThan(30_000_000); // what the system's own buffers hold, and ours
});

test('the reply of a command cannot be streamed: nothing is sent', async () => {
  let asked = 0;
  const { ask, newCall } = await start((_request, response) => {
    asked += 1;
    response.end();
  });
  expect(await codeOf(ask('/', { purpose: 'command' }))).toBe('ALGO_ADAPTER_FAULT');
  expect(await codeOf(ask('/', {}, newCall({ urgency: 'entry' })))).toBe('ALGO_ADAPTER_FAULT');
  expect(asked).toBe(0);
});

test('a closed client streams nothing', async () => {
  const { client, ask } = await start((_request, response) => response.end());
  await client.close();
  expect(await codeOf(ask())).toBe('ALGO_CLOSED');
});

test('a client that cannot stream gives the reply in one piece', async () => {
  const reply = { status: 200, header: () => 'x', body: Buffer.from('whole'), text: () => '', json: () => null };
  const { newCall } = await start((_request, response) => response.end());
  const request: BrokerRequest = { purpose: 'read', lane: 'data', family: 'x', method: 'GET', origin: '', path: '/' };
  const stream = await streamReply({ send: async () => reply }, request, newCall());
  stream.cancel();
  expect([stream.status, stream.header('a'), (await bodyOf(stream)).toString()]).toEqual([200, 'x', 'whole']);
});
