import type {
  BrokerAdapter,
  CancelCommand,
  CommandReply,
  MarginRequest,
  ModifyCommand,
  OrderBookReading,
  PlaceCommand,
  RawReply,
  RawRequest,
} from '../contract/broker-adapter.js';
import type { BrokerCall } from '../contract/call.js';
import type { AnyMaster } from '../contract/instrument-master.js';
import type { RedirectLogin } from '../contract/redirect-login.js';
import type { BrokerSession, Credentials } from '../contract/session.js';
import type { Listing } from '../domain/instrument.js';
import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import type { BrokerOrder } from '../domain/order.js';
import type { AccountProfile, Funds, Holding, Margin, Position, Trade } from '../domain/portfolio.js';
import type { Redactor } from '../runtime/redactor.js';

/**
 * The same adapter with every free text of the broker scrubbed: a broker that repeats a credential in the reason of an
 * order, or in a reply to a raw request, must not get it into a journal or a log. A class, because a process has
 * thousands of them and two dozen closures each would be a tenth of what a connection holds.
 */
export class ScrubbedAdapter implements BrokerAdapter {
  readonly redirectLogin?: RedirectLogin;
  readonly egress?: NonNullable<BrokerAdapter['egress']>;
  readonly #adapter: BrokerAdapter;
  readonly #redactor: Pick<Redactor, 'scrub'>;

  constructor(adapter: BrokerAdapter, redactor: Pick<Redactor, 'scrub'>) {
    this.#adapter = adapter;
    this.#redactor = redactor;
    if (adapter.redirectLogin !== undefined) this.redirectLogin = adapter.redirectLogin;
    if (adapter.egress !== undefined) this.egress = adapter.egress.bind(adapter);
  }

  logIn(credentials: Credentials, call: BrokerCall): Promise<BrokerSession> {
    return this.#adapter.logIn(credentials, call);
  }

  renew(call: BrokerCall): Promise<BrokerSession | null> {
    return this.#adapter.renew(call);
  }

  logOut(call: BrokerCall): Promise<boolean> {
    return this.#adapter.logOut(call);
  }

  profile(call: BrokerCall): Promise<AccountProfile> {
    return this.#adapter.profile(call);
  }

  placeOrder(command: PlaceCommand, call: BrokerCall): Promise<CommandReply> {
    return this.#adapter.placeOrder(command, call);
  }

  modifyOrder(command: ModifyCommand, call: BrokerCall): Promise<CommandReply> {
    return this.#adapter.modifyOrder(command, call);
  }

  cancelOrder(command: CancelCommand, call: BrokerCall): Promise<CommandReply> {
    return this.#adapter.cancelOrder(command, call);
  }

  async orderBook(call: BrokerCall): Promise<OrderBookReading> {
    const book = await this.#adapter.orderBook(call);
    return { ...book, orders: this.#cleanAll(book.orders) };
  }

  async order(brokerOrderId: string, call: BrokerCall): Promise<BrokerOrder | null> {
    const order = await this.#adapter.order(brokerOrderId, call);
    return order === null ? null : this.#clean(order);
  }

  async ordersByTag(tag: string, call: BrokerCall): Promise<readonly BrokerOrder[] | null> {
    const orders = await this.#adapter.ordersByTag(tag, call);
    return orders === null ? null : this.#cleanAll(orders);
  }

  trades(call: BrokerCall): Promise<readonly Trade[]> {
    return this.#adapter.trades(call);
  }

  tradesOf(brokerOrderId: string, call: BrokerCall): Promise<readonly Trade[]> {
    return this.#adapter.tradesOf(brokerOrderId, call);
  }

  positions(call: BrokerCall): Promise<readonly Position[]> {
    return this.#adapter.positions(call);
  }

  holdings(call: BrokerCall): Promise<readonly Holding[]> {
    return this.#adapter.holdings(call);
  }

  funds(call: BrokerCall): Promise<Funds> {
    return this.#adapter.funds(call);
  }

  margin(order: MarginRequest, call: BrokerCall): Promise<Margin> {
    return this.#adapter.margin(order, call);
  }

  quotes(listings: readonly Listing[], detail: QuoteDetail, call: BrokerCall): Promise<readonly Quote[]> {
    return this.#adapter.quotes(listings, detail, call);
  }

  candles(listing: Listing, request: CandleRequest, call: BrokerCall): Promise<readonly Candle[]> {
    return this.#adapter.candles(listing, request, call);
  }

  instruments(call: BrokerCall): Promise<AnyMaster> {
    return this.#adapter.instruments(call);
  }

  async raw(request: RawRequest, call: BrokerCall): Promise<RawReply> {
    const { status, body } = await this.#adapter.raw(request, call);
    return { status, body: scrubbedDeep(body, (text) => this.#redactor.scrub(text)) };
  }

  #clean(order: BrokerOrder): BrokerOrder {
    const { symbol, brokerStatus, reason } = order;
    return {
      ...order,
      symbol: this.#redactor.scrub(symbol),
      brokerStatus: this.#redactor.scrub(brokerStatus),
      reason: reason === null ? null : this.#redactor.scrub(reason),
    };
  }

  /** One look at all texts at once: a book of fifty orders hardly ever holds anything to take out. */
  #cleanAll(orders: readonly BrokerOrder[]): readonly BrokerOrder[] {
    const texts = orders
      .map(({ symbol, brokerStatus, reason }) => `${symbol} ${brokerStatus} ${reason ?? ''}`)
      .join(' ');
    return this.#redactor.scrub(texts) === texts ? orders : orders.map((order) => this.#clean(order));
  }
}

/** Every text in a JSON value, names of fields too. */
function scrubbedDeep(value: unknown, scrub: (text: string) => string): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map((item: unknown) => scrubbedDeep(item, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [scrub(name), scrubbedDeep(item, scrub)]));
}
