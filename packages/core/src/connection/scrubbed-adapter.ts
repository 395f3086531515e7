import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerOrder } from '../domain/order.js';

/**
 * The same adapter with every free text of the broker taken through `scrub`: a broker that repeats a credential in the
 * reason of an order, or in a reply to a raw request, must not get it into a journal or a log.
 */
export function scrubbedAdapter(adapter: BrokerAdapter, scrub: (text: string) => string): BrokerAdapter {
  const clean = (order: BrokerOrder): BrokerOrder =>
    order.reason === null ? order : { ...order, reason: scrub(order.reason) };

  return {
    logIn: (credentials, call) => adapter.logIn(credentials, call),
    renew: (call) => adapter.renew(call),
    profile: (call) => adapter.profile(call),
    placeOrder: (command, call) => adapter.placeOrder(command, call),
    modifyOrder: (command, call) => adapter.modifyOrder(command, call),
    cancelOrder: (command, call) => adapter.cancelOrder(command, call),
    async orderBook(call) {
      const book = await adapter.orderBook(call);
      return { ...book, orders: book.orders.map(clean) };
    },
    async order(brokerOrderId, call) {
      const order = await adapter.order(brokerOrderId, call);
      return order === null ? null : clean(order);
    },
    async ordersByTag(tag, call) {
      const orders = await adapter.ordersByTag(tag, call);
      return orders === null ? null : orders.map(clean);
    },
    trades: (call) => adapter.trades(call),
    tradesOf: (brokerOrderId, call) => adapter.tradesOf(brokerOrderId, call),
    positions: (call) => adapter.positions(call),
    holdings: (call) => adapter.holdings(call),
    funds: (call) => adapter.funds(call),
    quotes: (listings, detail, call) => adapter.quotes(listings, detail, call),
    candles: (listing, request, call) => adapter.candles(listing, request, call),
    instruments: (call) => adapter.instruments(call),
    async raw(request, call) {
      const { status, body } = await adapter.raw(request, call);
      return { status, body: scrubbedDeep(body, scrub) };
    },
  };
}

/** Every text in a JSON value, names of fields too. */
function scrubbedDeep(value: unknown, scrub: (text: string) => string): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map((item: unknown) => scrubbedDeep(item, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [scrub(name), scrubbedDeep(item, scrub)]));
}
