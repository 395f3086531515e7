import { AlgoError, Secret } from '@algo/core/adapter';

/** The broker in front of the counting venue, as a plugin author would write it: three methods that matter. */
export function countingBroker(origin) {
  const perSecond = [{ limit: 1_000_000, perMs: 1_000 }];
  return {
    id: 'counting',
    name: 'Counting',
    hosts: [],
    capabilities: {
      exchanges: ['NSE'],
      products: ['CNC'],
      orderTypes: ['LIMIT'],
      validities: ['DAY'],
      orderIdentity: { grade: 'G2', tagLength: 20, visibleWithinMs: 120_000 },
      session: { lastsMs: null, endsDailyAt: null, secondLogin: 'ends-the-first' },
      margin: false,
      candleIntervals: [],
      quoteBatch: 1,
      modificationsPerOrder: null,
    },
    credentials: {
      identity: 'clientId',
      fields: [
        { name: 'clientId', label: 'Client', secret: false, pattern: /^\w+$/, help: 'Any word.', environment: 'C_ID' },
        { name: 'pin', label: 'PIN', secret: true, pattern: /^.{8,}$/, help: 'Any text.', environment: 'C_PIN' },
      ],
      methods: [{ id: 'pin', label: 'PIN', needs: ['clientId', 'pin'], unattended: true }],
    },
    rateLimits: { orders: perSecond, reads: perSecond, auth: perSecond },
    connect: ({ http }) => adapterOn(http, origin),
  };
}

function adapterOn(http, origin) {
  const send = async (path, call, { lane = 'reads', purpose = 'read', body } = {}) => {
    const headers = lane === 'auth' ? [] : ['authorization', call.session.secrets.token]; // no session before a log-in
    const method = body === undefined ? 'GET' : 'POST';
    const reply = await http.send({ purpose, lane, family: lane, method, origin, path, headers, body }, call);
    if (reply.status === 401) throw new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'counting', brokerCode: null });
    return reply.json();
  };
  const nothing = async () => [];
  const shown = ({ tag, id }) => ({
    brokerOrderId: id,
    exchangeOrderId: null,
    tag,
    instrument: 'NSE:RELIANCE',
    symbol: 'RELIANCE',
    side: 'BUY',
    type: 'LIMIT',
    product: 'CNC',
    validity: 'DAY',
    quantity: 1,
    filledQuantity: 0,
    price: 1390,
    triggerPrice: null,
    averagePrice: null,
    status: 'OPEN',
    brokerStatus: 'OPEN',
    reason: null,
    placedAtMs: null,
    updatedAtMs: null,
  });
  const book = async (call) => (await send('/book', call)).orders.map(shown);
  return {
    async logIn({ fields }, call) {
      const { token } = await send('/login', call, { lane: 'auth', purpose: 'command', body: '' });
      const secrets = { token: new Secret(token) };
      const times = { issuedAtMs: Date.now(), expiresAtMs: null, renewable: false };
      return { clientId: fields.clientId, secrets, facts: {}, ...times };
    },
    renew: async () => null,
    logOut: async () => false,
    profile: async (call) => {
      await send('/profile', call);
      return { clientId: call.session.clientId, name: null, sessionEndsAtMs: null, segments: [], dataPlanActive: null };
    },
    placeOrder: async ({ tag }, call) => {
      const { id } = await send('/place', call, { lane: 'orders', purpose: 'command', body: tag });
      return { kind: 'acknowledged', brokerOrderId: id };
    },
    modifyOrder: async ({ brokerOrderId }) => ({ kind: 'acknowledged', brokerOrderId }),
    cancelOrder: async ({ brokerOrderId }) => ({ kind: 'acknowledged', brokerOrderId }),
    orderBook: async (call) => ({ orders: await book(call), complete: true }),
    order: async (id, call) => (await book(call)).find(({ brokerOrderId }) => brokerOrderId === id) ?? null,
    ordersByTag: async (wanted, call) => (await book(call)).filter(({ tag }) => tag === wanted),
    trades: nothing,
    tradesOf: nothing,
    positions: nothing,
    holdings: nothing,
    funds: async (call) => {
      await send('/funds', call);
      return { available: 1, used: 0, collateral: 0, withdrawable: 1, openingBalance: 1 };
    },
    margin: async () => ({ required: 0, available: null }),
    quotes: nothing,
    candles: nothing,
    instruments: async () => ({ source: 'counting', listings: [RELIANCE], skipped: () => 0 }),
    raw: async () => ({ status: 200, body: null }),
  };
}

const RELIANCE = {
  instrument: 'NSE:RELIANCE',
  contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
  token: '2885',
  segment: 'NSE_EQ',
  symbol: 'RELIANCE',
  name: 'Reliance',
  isin: null,
  lotSize: 1,
  tick: 1_000,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
};
