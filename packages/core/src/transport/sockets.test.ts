import http from 'node:http';
import type { Socket } from 'node:net';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { Deadline } from '../resilience/deadline.js';
import { createTicker } from '../runtime/ticker.js';
import { SocketDesk } from './socket-desk.js';
import { SocketSlot } from './socket-slot.js';
import { Sockets } from './sockets.js';

/** A server that counts the connections made to it and answers when told to. */
async function start() {
  const connections = new Set<Socket>();
  const waiting: http.ServerResponse[] = [];
  const server = http.createServer((_request, response) => void waiting.push(response));
  server.on('connection', (socket) => connections.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const clock = createFakeClock();
  const desk = new SocketDesk({ clock });
  const origin = `http://127.0.0.1:${address.port}`;
  const sockets = new Sockets({ origin, localAddress: null, proxy: null, desk, userId: 'u1', lane: 'reads' });
  const deadline = new Deadline(60_000, () => clock.monotonic(), createTicker(createFakeClock()));
  const take = (): SocketSlot => {
    const slot = sockets.take({ urgency: 'read', deadline });
    if (slot instanceof SocketSlot) return slot;
    throw new Error('it had to wait');
  };
  onTestFinished(async () => {
    await sockets.close();
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const request = async ({ client }: SocketSlot): Promise<void> => {
    const { body } = await client.request({ method: 'GET', path: '/' });
    await body.dump();
  };
  /** So many requests at once, each on a socket of its own, all given back at the end. */
  const together = async (count: number): Promise<void> => {
    const slots = Array.from({ length: count }, take);
    const requests = slots.map(request);
    while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve));
    for (const response of waiting.splice(0)) response.end('{}');
    await Promise.all(requests);
    for (const slot of slots) sockets.giveBack(slot);
  };
  return { sockets, connections, together, take, desk, clock };
}

test('nothing is connected before the first request', async () => {
  const { take, connections } = await start();
  take();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(connections.size).toBe(0);
});

test('as many sockets are opened as were ever needed at once, and used again after', async () => {
  const { connections, together } = await start();
  for (const count of [1, 3, 2, 1, 3]) await together(count);
  expect(connections.size).toBe(3);
  await together(4);
  expect(connections.size).toBe(4);
});

test('a socket in use is handed to nobody else, and the one used last is handed out first', async () => {
  const { sockets, take } = await start();
  const one = take();
  const two = take();
  expect(two).not.toBe(one);
  sockets.giveBack(two);
  sockets.giveBack(one);
  expect(take()).toBe(one);
  expect(take()).toBe(two);
  expect([one, two]).not.toContain(take());
});

test('closing ends every socket, in use or free', async () => {
  const { sockets, connections, together, take } = await start();
  await together(3);
  const { client: inUse } = take();
  const cut = inUse.request({ method: 'GET', path: '/' }).then(
    () => 'answered',
    () => 'cut',
  );
  await sockets.close();
  expect(await cut).toBe('cut');
  expect(inUse.destroyed).toBe(true);
  const open = [...connections].filter((socket) => !socket.destroyed);
  await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  expect(connections.size).toBe(3);
});

test('a socket that nobody used for a minute is let go with its client, and one timer watches over all', async () => {
  const { sockets, together, connections, desk, clock } = await start();
  await together(3);
  expect([sockets.open, desk.counts().open, clock.timers]).toEqual([3, 3, 1]);
  await clock.advance(50_000);
  await together(1);
  await clock.advance(20_000);
  expect([sockets.open, desk.counts().open]).toEqual([1, 1]);
  await clock.advance(60_000);
  expect([sockets.open, desk.counts().open, clock.timers]).toEqual([0, 0, 0]);
  await Promise.all(
    [...connections]
      .filter((socket) => !socket.destroyed)
      .map((socket) => new Promise((resolve) => socket.once('close', resolve))),
  );
  await together(2);
  expect([sockets.open, connections.size]).toEqual([2, 5]);
});

test('a warm socket is open before the first request, which uses it', async () => {
  const { sockets, connections, together, desk } = await start();
  sockets.warm();
  sockets.warm();
  while (connections.size === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 10));
  await together(1);
  await together(1);
  expect([connections.size, desk.counts().open]).toEqual([1, 1]);
});

test('a request that comes while its socket is being warmed waits for that one', async () => {
  const { sockets, connections, together } = await start();
  sockets.warm();
  await together(1);
  expect(connections.size).toBe(1);
});

test('a socket warmed long ago is not written to: another takes its place', async () => {
  const { sockets, connections, together, clock } = await start();
  sockets.warm();
  while (connections.size < 1) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(21_000);
  await together(1);
  expect(connections.size).toBe(2);

  sockets.warm(); // just used: nothing to do
  await clock.advance(13_000);
  expect(connections.size).toBe(2);
  sockets.warm();
  while (connections.size < 3) await new Promise((resolve) => setImmediate(resolve));
  await together(1);
  expect(connections.size).toBe(3);
});

test('a warm socket that the other side closed is not used', async () => {
  const { sockets, connections, together } = await start();
  sockets.warm();
  while (connections.size < 1) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of connections) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await together(1);
  expect(connections.size).toBe(2);
});
