import { createServer } from 'node:http';

/**
 * Two brokers and what both have in common, on ports of this machine. `alpha` and `beta` take orders and tell prices;
 * `home` answers log-ins and account reads for both, so that a broken `alpha` stays connected. A further port takes control
 * requests: `GET /fault/NAME` breaks `alpha` from then on, `GET /fault/third/NAME` breaks every third call it is sent, and
 * `GET /fault/none` mends it.
 */

const CLIENT = 'BENCH1';
const LISTING = { token: '2885', symbol: 'RELIANCE' };
const MORNING = '2037-01-01 06:00:00';

const HOME = {
  'POST /session': JSON.stringify({ code: CLIENT, token: 'bench-token', ends: MORNING }),
  'GET /me': JSON.stringify({ code: CLIENT, name: 'A. Trader' }),
  'GET /instruments': JSON.stringify([LISTING]),
};
const QUOTES = JSON.stringify([{ token: LISTING.token, price: 1430.5 }]);

/** What may go wrong with `alpha`. */
const FAULTS = {
  none: null,
  reset: (request) => request.socket.resetAndDestroy(),
  'status-503': (_, response) => send(response, 503, '{"message":"service unavailable"}'),
  silent: () => undefined,
  refused: (request) => request.socket.destroy(), // nobody gets here: the port is closed
};

let fault = 'none';
let everyThird = false;
let asked = 0;
let lastId = 0;

const home = createServer((request, response) =>
  whenRead(request, () => send(response, 200, HOME[`${request.method} ${request.url}`] ?? '[]')),
);
const alpha = createServer((request, response) =>
  whenRead(request, () => {
    asked += 1;
    const broken = FAULTS[fault] !== null && (!everyThird || asked % 3 === 0);
    if (broken) return FAULTS[fault](request, response);
    answer('alpha', request, response);
  }),
);
const beta = createServer((request, response) => whenRead(request, () => answer('beta', request, response)));

const control = createServer(async (request, response) => {
  const [, , ...name] = request.url.split('/');
  await setFault(name.at(-1), name[0] === 'third');
  send(response, 200, '{}');
});

function answer(broker, request, response) {
  if (request.method === 'GET') send(response, 200, QUOTES);
  else send(response, 200, `{"orderId":"${broker}-${(lastId += 1)}"}`);
}

const whenRead = (request, work) => request.on('end', work).resume();

function send(response, status, text) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function setFault(name, third) {
  if (!Object.hasOwn(FAULTS, name)) throw new Error(`no fault "${name}"`);
  fault = name;
  everyThird = third;
  asked = 0;
  if (name === 'refused') await closePort();
  else if (!alpha.listening) await listen(alpha, ports.alpha);
}

/** Refuses new sockets and drops those that are open. */
function closePort() {
  return new Promise((resolve) => {
    alpha.close(() => resolve());
    alpha.closeAllConnections();
  });
}

function listen(server, at) {
  server.keepAliveTimeout = 600_000; // sockets end when a case says so
  return new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve(server.address().port)));
}

const ports = { home: await listen(home, 0), alpha: await listen(alpha, 0), beta: await listen(beta, 0) };
process.send?.({ ...ports, control: await listen(control, 0) });
process.on('disconnect', () => process.exit(0)); // never outlives the bench that started it
