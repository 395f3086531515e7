import { Secret, parseIst } from '@algo/core/adapter';
import { readMaster } from './instruments.js';
import * as map from './map.js';
import { createTransport } from './transport.js';
/** @import { BrokerAdapter, BrokerContext, Root } from '@algo/core/adapter' */

/**
 * One account at Monsoon: to the wire, send, from the wire. Nothing is remembered and nothing is sent twice.
 * @param {BrokerContext} context @param {Root} root @returns {BrokerAdapter}
 */
export function createAdapter({ http, instruments, clock, logger }, root) {
  const { command, read, logIn, logOut, master } = createTransport(http, root);
  const idIn = ({ brokerOrderId }) => map.checked('brokerOrderId', brokerOrderId);
  const trades = async (call) => map.fromTrades(await read('/trades', call), instruments);
  return {
    async logIn({ fields, secrets: { apiKey, apiSecret } }, call) {
      const body = { code: fields.clientCode, key: apiKey.reveal(), secret: apiSecret.reveal() };
      const { code: clientId, token, ends } = map.needed(await logIn(body, call), 'code', 'token', 'ends');
      const times = { issuedAtMs: clock.now(), expiresAtMs: parseIst(ends) };
      return { clientId, secrets: { token: new Secret(token) }, facts: {}, ...times, renewable: false };
    },
    renew: async () => null,
    logOut: async (call) => (await logOut(call)) !== undefined,
    async profile(call) {
      const { code: clientId, name } = map.needed(await read('/me', call), 'code', 'name');
      return { clientId, name, sessionEndsAtMs: null, segments: [], dataPlanActive: null };
    },

    placeOrder: async (order, call) => command('POST', null, map.toOrder(order), call),
    modifyOrder: async (change, call) => command('PUT', idIn(change), map.toTerms(change), call),
    cancelOrder: async (cancel, call) => command('DELETE', idIn(cancel), null, call),
    orderBook: async (call) => map.fromBook(await read('/orders', call), instruments, logger),
    async order(brokerOrderId, call) {
      const row = await read(`/orders/${idIn({ brokerOrderId })}`, call, 'M-302');
      return row === null ? null : map.fromOrder(row, instruments, logger);
    },
    ordersByTag: async () => null,
    trades,
    tradesOf: async (id, call) => (await trades(call)).filter(({ brokerOrderId }) => brokerOrderId === id),
    positions: async (call) => map.fromPositions(await read('/positions', call), instruments),
    holdings: async (call) => map.fromHoldings(await read('/holdings', call), instruments),
    funds: async (call) => map.fromFunds(await read('/funds', call)),
    instruments: async (call) => readMaster(await master(call)),
    margin: async () => map.notSupported('a margin call'),
    quotes: async () => map.notSupported('quotes'),
    candles: async () => map.notSupported('candles'),
    raw: async () => map.notSupported('raw requests'),
  };
}
