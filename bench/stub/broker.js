import { createServer } from 'node:net';
import { isPlace, refusalTo, reply, replyTo } from './replies.js';

/**
 * The broker of every case: HTTP/1.1 on bare sockets, so that the client is the bottleneck and not this process. It
 * counts requests and sockets; a second port takes control requests: `GET /counts`, `GET /fault/NAME`.
 */

const counts = { requests: 0, places: 0, sockets: 0 };
const open = new Set();
let fault = 'none';

/** What may go wrong with a place. Each ends the exchange in its own way; reads are always answered. */
const FAULTS = {
  none: (socket, line) => socket.write(replyTo(line)),
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.end(),
  silent: () => undefined,
  cut: (socket, line) => {
    socket.write(replyTo(line).slice(0, -12));
    setTimeout(() => socket.destroy(), 20);
  },
  'status-500': (socket) => socket.write(reply(500, 'application/json', '{"message":"internal error"}')),
  'status-503': (socket) => socket.write(reply(503, 'text/html', '<html><body>Service Unavailable</body></html>')),
  refusal: (socket, line) => socket.write(refusalTo(line)),
  html: (socket) => socket.write(reply(200, 'text/html', '<html><body>Please sign in</body></html>')),
  'no-order-id': (socket) => socket.write(reply(200, 'application/json', '{}')),
  refused: (socket) => socket.destroy(), // nobody gets here: the port is closed
};

const broker = createServer({ noDelay: true }, (socket) => {
  counts.sockets += 1;
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  serve(socket, (line) => {
    counts.requests += 1;
    if (!isPlace(line)) return void socket.write(replyTo(line));
    counts.places += 1;
    FAULTS[fault](socket, line);
  });
});

const control = createServer((socket) =>
  serve(socket, async (line) => {
    const [, path] = line.split(' ');
    if (path.startsWith('/fault/')) await setFault(path.slice('/fault/'.length));
    socket.end(reply(200, 'application/json', JSON.stringify(counts)));
  }),
);

async function setFault(name) {
  if (!Object.hasOwn(FAULTS, name)) throw new Error(`no fault "${name}"`);
  fault = name;
  if (name === 'refused') await closePort();
  else if (!broker.listening) await listen(broker, port);
}

/** Refuses new sockets and drops those that are open. */
function closePort() {
  return new Promise((resolve) => {
    broker.close(() => resolve());
    for (const socket of open) socket.destroy();
  });
}

/** Finds the requests in what a socket sends: head, then as many bytes as `content-length` says. */
function serve(socket, answer) {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined); // clients may leave as they like
  socket.on('data', (chunk) => {
    text = text === '' ? chunk : text + chunk;
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = text.slice(0, headEnd);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head);
      const end = headEnd + 4 + (length === null ? 0 : Number(length[1]));
      if (text.length < end) return;
      text = text.slice(end);
      answer(head.slice(0, head.indexOf(' HTTP/')));
    }
  });
}

const listen = (server, at) =>
  new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve(server.address().port)));

const port = await listen(broker, 0);
process.send?.({ port, controlPort: await listen(control, 0) });
process.on('disconnect', () => process.exit(0)); // never outlives the bench that started it
