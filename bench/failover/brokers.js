import { AlgoError, Secret, parseInstrument, parseIst } from '@algo/core/adapter';
/** @import { BrokerDefinition } from '@algo/core/adapter' */

export const INSTRUMENT = 'NSE:RELIANCE';
export const CREDENTIALS = { clientCode: 'BENCH1', apiKey: 'bench-key' };

/** So many that they are counted and never wait. */
const rates = [
  { limit: 1_000, perMs: 10 },
  { limit: 100_000, perMs: 60_000 },
];

/** @type {Omit<BrokerDefinition, 'id' | 'name' | 'connect'>} */
const FACTS = {
  hosts: [],
  capabilities: {
    exchanges: ['NSE'],
    products: ['CNC'],
    orderTypes: ['LIMIT'],
    validities: ['DAY'],
    orderIdentity: { grade: 'G2', tagLength: 20, visibleWithinMs: 120_000 },
    session: { lastsMs: null, endsDailyAt: null, secondLogin: 'leaves-the-first' },
    margin: false,
    candleIntervals: [],
    quoteBatch: 100,
    modificationsPerOrder: null,
  },
  credentials: {
    identity: 'clientCode',
    fields: [
      {
        name: 'clientCode',
        label: 'Client code',
        secret: false,
        pattern: /^\w+$/,
        help: '-',
        environment: 'BENCH_CODE',
      },
      { name: 'apiKey', label: 'API key', secret: true, pattern: /^[\w-]+$/, help: '-', environment: 'BENCH_KEY' },
    ],
    methods: [{ id: 'key', label: 'API key', needs: ['clientCode', 'apiKey'], unattended: true }],
  },
  rateLimits: { orders: rates, reads: rates, data: rates, auth: rates },
};

/**
 * A broker of the bench's own that speaks plain JSON, so that both sides of a comparison do the same work.
 *
 * @param {string} id
 * @param {{ readonly home: string, readonly api: string }} origins `home` for log-in and account reads, `api` for prices and orders
 * @returns {BrokerDefinition}
 */
export function benchBroker(id, { home, api }) {
  return { ...FACTS, id, name: id, connect: ({ http, clock }) => createAdapter(id, http, clock, home, api) };
}

function createAdapter(broker, http, clock, home, api) {
  const ask = (lane, method, origin, path, body, call, token) => {
    const headers = ['content-type', 'application/json'];
    if (token !== null) headers.push('authorization', token);
    const purpose = method === 'GET' ? 'read' : 'command';
    const request = { purpose, lane, family: lane, method, origin, path, headers };
    return http.send(body === null ? request : { ...request, body: JSON.stringify(body) }, call);
  };
  const read = async (lane, origin, path, call) =>
    dataOf(await ask(lane, 'GET', origin, path, null, call, call.session.secrets.token));
  const account = (path) => (call) => read('reads', home, path, call);
  const dataOf = (reply) => {
    if (reply.status === 200) return reply.json();
    const said = { broker, brokerCode: null, brokerText: '', status: reply.status };
    throw new AlgoError('ALGO_BROKER_UNAVAILABLE', said);
  };
  const notSupported = async () => {
    throw new AlgoError('ALGO_NOT_SUPPORTED', { broker, what: 'that' });
  };

  return {
    async logIn({ fields, secrets }, call) {
      const body = { code: fields.clientCode, key: secrets.apiKey.reveal() };
      const { code, token, ends } = dataOf(await ask('auth', 'POST', home, '/session', body, call, null));
      const times = { issuedAtMs: clock.now(), expiresAtMs: parseIst(ends) };
      return { clientId: code, secrets: { token: new Secret(token) }, facts: {}, ...times, renewable: false };
    },
    renew: async () => null,
    logOut: async () => false,
    async profile(call) {
      const { code, name } = await read('reads', home, '/me', call);
      return { clientId: code, name, sessionEndsAtMs: null, segments: [], dataPlanActive: null };
    },

    async placeOrder({ tag, listing, side, quantity, price }, call) {
      const body = { tag, token: listing.token, side, quantity, price: price / 10_000 };
      const reply = await ask('orders', 'POST', api, '/orders', body, call, call.session.secrets.token);
      if (reply.status !== 200) return { kind: 'unknown', why: `HTTP ${reply.status}` };
      return { kind: 'acknowledged', brokerOrderId: reply.json().orderId };
    },
    modifyOrder: notSupported,
    cancelOrder: notSupported,
    orderBook: async (call) => ({ orders: await read('reads', home, '/orders', call), complete: true }),
    order: async () => null,
    ordersByTag: account('/orders/by-tag'),
    trades: account('/trades'),
    tradesOf: notSupported,
    positions: account('/positions'),
    holdings: account('/holdings'),
    funds: notSupported,
    margin: notSupported,
    async quotes(listings, _detail, call) {
      const rows = await read('data', api, '/quotes', call);
      const asOfMs = clock.now();
      return rows.flatMap(({ token, price }) => {
        const listing = listings.find((one) => one.token === token);
        return listing === undefined ? [] : [{ instrument: listing.instrument, lastPrice: price, asOfMs, full: null }];
      });
    },
    candles: notSupported,
    async instruments(call) {
      const listings = (await read('data', home, '/instruments', call)).map(toListing);
      return { source: 'instruments', listings, skipped: () => 0 };
    },
    raw: notSupported,
  };
}

function toListing({ token, symbol }) {
  const instrument = `NSE:${symbol}`;
  const names = { instrument, contract: parseInstrument(instrument), segment: 'NSE', token, symbol, name: symbol };
  return { ...names, isin: null, lotSize: 1, tick: 500, freezeQuantity: null, quantityUnit: { kind: 'units' } };
}
