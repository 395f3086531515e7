import http from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
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
  const sockets = new Sockets({ origin: `http://127.0.0.1:${address.port}`, localAddress: null });
  onTestFinished(async () => {
    await sockets.close();
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const request = async (client: Client): Promise<void> => {
    const { body } = await client.request({ method: 'GET', path: '/' });
    await body.dump();
  };
  /** So many requests at once, each on a socket of its own, all given back at the end. */
  const together = async (count: number): Promise<void> => {
    const clients = Array.from({ length: count }, () => sockets.take());
    const requests = clients.map(request);
    while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve));
    for (const response of waiting.splice(0)) response.end('{}');
    await Promise.all(requests);
    for (const client of clients) sockets.giveBack(client);
  };
  return { sockets, connections, together };
}

test('nothing is connected before the first request', async () => {
  const { sockets, connections } = await start();
  sockets.take();
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
  const { sockets } = await start();
  const one = sockets.take();
  const two = sockets.take();
  expect(two).not.toBe(one);
  sockets.giveBack(two);
  sockets.giveBack(one);
  expect(sockets.take()).toBe(one);
  expect(sockets.take()).toBe(two);
  expect([one, two]).not.toContain(sockets.take());
});

test('closing ends every socket, in use or free', async () => {
  const { sockets, connections, together } = await start();
  await together(3);
  const inUse = sockets.take();
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
