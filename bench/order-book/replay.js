import { createServer } from 'node:http';
import { startSimulator } from '@algo/simulator';

/**
 * A broker that answers its order book from memory: everything goes to a simulator and back, and what the book read
 * answered once is given again, so that the server costs the same for every client.
 */
process.once('message', async ({ broker }) => {
  // Each client of a round logs in by itself, within one window of its one-time code.
  const options = { rateLimits: 'off', ...(broker === 'kotak' ? { totpReuse: 'accept' } : {}) };
  const simulator = await startSimulator({ brokers: [broker], [broker]: options });
  const reach = simulator[broker];
  const behind = new URL(reach.baseUrl ?? reach.loginUrl).origin;
  let origin = '';
  let book = null;

  const server = createServer((request, response) => {
    if (book !== null && request.url === book.path && request.method === book.method) {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': book.body.length });
      response.end(book.body);
      return;
    }
    forward(request).then(
      ({ status, headers, body }) => {
        if (simulator.received().at(-1)?.operation === 'orderBook' && simulator.ledger().length >= 50) {
          book = { path: request.url, method: request.method, body };
        }
        response.writeHead(status, { ...headers, 'content-length': body.length });
        response.end(body);
      },
      (error) => response.destroy(error),
    );
  });

  async function forward(request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => !['host', 'connection', 'content-length', 'accept-encoding'].includes(name),
      ),
    );
    const hasBody = chunks.length > 0 && request.method !== 'GET';
    const reply = await fetch(behind + request.url, {
      method: request.method,
      headers,
      ...(hasBody ? { body: Buffer.concat(chunks) } : {}),
    });
    const text = (await reply.text()).replaceAll(behind, origin);
    const type = reply.headers.get('content-type') ?? 'application/json';
    return { status: reply.status, headers: { 'content-type': type }, body: Buffer.from(text) };
  }

  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    origin = `http://127.0.0.1:${server.address().port}`;
    const pointed = JSON.parse(JSON.stringify(reach).replaceAll(behind, origin));
    process.send({ reach: pointed, nowMs: simulator.clock.now() });
  });
  process.on('message', (message) => {
    if (message === 'book')
      process.send({ book: book === null ? null : { path: book.path, method: book.method, bytes: book.body.length } });
  });
});
