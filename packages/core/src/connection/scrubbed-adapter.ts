import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerOrder } from '../domain/order.js';

/**
 * The same adapter with every free text of the broker taken through `scrub`: a broker that repeats a credential in the
 * reason of an order, or in a reply to a raw request, must not get it into a journal or a log.
 */
export function scrubbedAdapter(adapter: BrokerAdapter, scrub: (text: string) => string): BrokerAdapter {
  const egress = adapter.egress?.bind(adapter);
  const clean = (order: BrokerOrder): BrokerOrder => ({
    ...order,
    symbol: scrub(order.symbol),
    brokerStatus: scrub(order.brokerStatus),
    reason: order.reason === null ? null : scrub(order.reason),
  });
  /** One look at all texts at once: a book of fifty orders hardly ever holds anything to take out. */
  const cleanAll = (orders: readonly BrokerOrder[]): readonly BrokerOrder[] => {
    const texts = orders
      .map(({ symbol, brokerStatus, reason }) => `${symbol} ${brokerStatus} ${reason ?? ''}`)
      .join(' ');
    return scrub(texts) === texts ? orders : orders.map(clean);
  };

  return {
    logIn: (credentials, call) => adapter.logIn(credentials, call),
    renew: (call) => adapter.renew(call),
    logOut: (call) => adapter.logOut(call),
    ...(adapter.redirectLogin === undefined ? {} : { redirectLogin: adapter.redirectLogin }),
    profile: (call) => adapter.profile(call),
    ...(egress === undefined ? {} : { egress: (call: BrokerCall) => egress(call) }),
    placeOrder: (command, call) => adapter.placeOrder(command, call),
    modifyOrder: (command, call) => adapter.modifyOrder(command, call),
    cancelOrder: (command, call) => adapter.cancelOrder(command, call),
    async orderBook(call) {
      const book = await adapter.orderBook(call);
      return { ...book, orders: cleanAll(book.orders) };
    },
    async order(brokerOrderId, call) {
      const order = await adapter.order(brokerOrderId, call);
      return order === null ? null : clean(order);
    },
    async ordersByTag(tag, call) {
      const orders = await adapter.ordersByTag(tag, call);
      return orders === null ? null : cleanAll(orders);
    },
    trades: (call) => adapter.trades(call),
    tradesOf: (brokerOrderId, call) => adapter.tradesOf(brokerOrderId, call),
    positions: (call) => adapter.positions(call),
    holdings: (call) => adapter.holdings(call),
    funds: (call) => adapter.funds(call),
    margin: (order, call) => adapter.margin(order, call),
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
