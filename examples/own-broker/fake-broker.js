import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { MASTER, createExchange, ist } from './fake-exchange.js';

const TEXTS = {
  'M-101': 'Session over, log in again',
  'M-102': 'Key or secret is wrong',
  'M-201': 'Not enough money for this order',
  'M-203': 'Quantity does not fit the lot',
  'M-206': 'No such contract',
  'M-301': 'The order is not open any more',
  'M-302': 'No such order',
  'M-404': 'No such page',
  'M-429': 'Too many calls',
  'M-900': 'Something went wrong here',
};
const STATUS_OF = { 'M-101': 401, 'M-102': 401, 'M-302': 404, 'M-404': 404, 'M-429': 429 };

/** Method, path below `/v1`, and what the request does, in the words that @algo/simulator and the suite use. */
const ROUTES = [
  ['POST', /^\/session$/, 'login'],
  ['DELETE', /^\/session$/, 'logout'],
  ['GET', /^\/me$/, 'profile'],
  ['POST', /^\/orders$/, 'placeOrder'],
  ['PUT', /^\/orders\/(\w+)$/, 'modifyOrder'],
  ['DELETE', /^\/orders\/(\w+)$/, 'cancelOrder'],
  ['GET', /^\/orders$/, 'orderBook'],
  ['GET', /^\/orders\/(\w+)$/, 'orderById'],
  ['GET', /^\/trades$/, 'trades'],
  ['GET', /^\/positions$/, 'positions'],
  ['GET', /^\/holdings$/, 'holdings'],
  ['GET', /^\/funds$/, 'funds'],
  ['GET', /^\/instruments\.csv$/, 'instruments'],
];

/** Monsoon on a port of this machine: what a test asks of the other side of the wire, and nothing more. */
export async function startFakeMonsoon({ now, holdings = [] }) {
  const credentials = { clientCode: 'MC1001', apiKey: random(8), apiSecret: random(16) };
  const exchange = createExchange(now, holdings);
  const received = [];
  const held = [];
  let faults = [];
  let token = null;

  /** The answer to one request: data, a code, or text. */
  function act(operation, id, headers, body) {
    if (operation === 'instruments') return { text: MASTER };
    if (operation === 'login') return logIn(body);
    if (token === null || headers.authorization !== `Bearer ${token}`) return 'M-101';
    switch (operation) {
      case 'logout':
        token = null;
        return {};
      case 'profile':
        return { code: credentials.clientCode, name: 'A. Trader' };
      case 'placeOrder':
        return exchange.place(body);
      case 'modifyOrder':
        return exchange.modify(id, body);
      case 'cancelOrder':
        return exchange.cancel(id);
      case 'orderBook':
        return exchange.orders;
      case 'orderById':
        return exchange.orders.find((order) => order.id === id) ?? 'M-302';
      case 'trades':
        return exchange.trades;
      case 'positions':
      case 'holdings':
      case 'funds':
        return exchange[operation]();
      default:
        return 'M-404';
    }
  }

  function logIn({ code, key, secret }) {
    const { clientCode, apiKey, apiSecret } = credentials;
    if (code !== clientCode || key !== apiKey || secret !== apiSecret) return 'M-102';
    token = random(16); // the one before ends with it
    return { code, token, ends: nextMorning(now()) };
  }

  async function answer(message, response) {
    const body = Buffer.concat(await message.toArray()).toString();
    const path = message.url.replace(/^\/v1/, '');
    const [, pattern, operation] = ROUTES.find(([method, at]) => method === message.method && at.test(path)) ?? [];
    received.push({ operation: operation ?? 'unknown', method: message.method, path: message.url, body });
    const reply = () => {
      const id = pattern?.exec(path)[1];
      return replyOf(act(operation, id, message.headers, body === '' ? {} : JSON.parse(body)));
    };
    await deliver(takeFault(operation), reply, response);
  }

  /** The fault that hits this request, counted. */
  function takeFault(operation) {
    const fault = faults.find((armed) => armed.operation === '*' || armed.operation === operation);
    if (fault !== undefined && fault.times !== 'always') {
      fault.times -= 1;
      if (fault.times === 0) faults = faults.filter((armed) => armed !== fault);
    }
    return fault;
  }

  async function deliver(fault, reply, response) {
    const down = () => ({ ...replyOf('M-900'), status: fault.status ?? 500 });
    switch (fault?.kind) {
      case undefined:
        return send(response, reply());
      case 'resetBefore':
        return response.socket.resetAndDestroy();
      case 'resetAfter':
        reply();
        return response.socket.resetAndDestroy();
      case 'errorBefore':
        return send(response, down());
      case 'errorAfter':
        reply();
        return send(response, down());
      case 'html':
        if (fault.when === 'after') reply();
        return send(response, { status: fault.status, type: 'text/html', text: '<html>Back soon</html>' });
      case 'garbage':
        return send(response, { ...reply(), text: '{"ok":true,"da\u0000' });
      case 'cutBody': {
        const whole = reply();
        response.writeHead(whole.status, { 'content-length': whole.text.length });
        return response.write(whole.text.slice(0, whole.text.length / 2), () => response.socket.destroy());
      }
      case 'hang': {
        const early = fault.when === 'before' ? null : reply();
        await new Promise((resolve) => held.push(resolve));
        return send(response, early ?? reply());
      }
      case 'rateLimited':
        return send(response, replyOf('M-429'));
      case 'expiredToken':
        return send(response, replyOf('M-101'));
      default:
        throw new Error(`This fake knows no fault ${fault.kind}`);
    }
  }

  const server = createServer((message, response) => {
    answer(message, response).catch((error) =>
      send(response, { status: 500, type: 'text/plain', text: error.message }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const releaseHung = () => held.splice(0).forEach((goOn) => goOn());
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}/v1`,
    credentials,
    exchange,
    ledger: () => exchange.orders.map(toLedger),
    received: (operation) => received.filter((request) => operation === undefined || request.operation === operation),
    inject: (fault) => void faults.push({ times: 1, ...fault }),
    clearFaults: () => void (faults = []),
    releaseHung,
    async close() {
      releaseHung();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const WORDS = { B: 'BUY', S: 'SELL', MKT: 'MARKET', LMT: 'LIMIT', STOP: 'SL', NOW: 'IOC', DAY: 'DAY' };
const PRODUCTS = { DELIVERY: 'CNC', DAYTRADE: 'MIS', CARRY: 'NRML' };

/** An order that was accepted, in the words of the suite: prices are rupees, 0 where there is none. */
function toLedger({ id, ref, side, segment, token, product, type, validity, quantity, price, triggerPrice }) {
  const names = { brokerOrderId: id, tag: ref, instrumentId: `${segment}:${token}`, product: PRODUCTS[product] };
  const words = { side: WORDS[side], type: WORDS[type], validity: WORDS[validity] };
  return { ...names, ...words, quantity, price: (price ?? 0) / 100, triggerPrice: (triggerPrice ?? 0) / 100 };
}

function replyOf(said) {
  if (typeof said === 'string') {
    const body = { ok: false, code: said, text: TEXTS[said] };
    return { status: STATUS_OF[said] ?? 400, type: 'application/json', text: JSON.stringify(body) };
  }
  if (said.text !== undefined) return { status: 200, type: 'text/csv', text: said.text };
  return { status: 200, type: 'application/json', text: JSON.stringify({ ok: true, data: said }) };
}

function send(response, { status, type, text }) {
  if (!response.destroyed) response.writeHead(status, { 'content-type': type }).end(text);
}

const random = (bytes) => randomBytes(bytes).toString('hex');

/** Sessions end at 06:00, whenever they began. */
function nextMorning(nowMs) {
  const today = `${ist(nowMs).slice(0, 10)} 06:00:00`;
  return today > ist(nowMs) ? today : `${ist(nowMs + 86_400_000).slice(0, 10)} 06:00:00`;
}
