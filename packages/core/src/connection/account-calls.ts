import type {
  BrokerAdapter,
  MarginRequest,
  OrderBookReading,
  RawReply,
  RawRequest,
} from '../contract/broker-adapter.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import type { BrokerOrder } from '../domain/order.js';
import type { AccountProfile, Funds, Holding, Margin, Position, Trade } from '../domain/portfolio.js';
import { AlgoError } from '../errors/algo-error.js';
import { SharedRead } from '../resilience/shared-read.js';
import type { Clock } from '../runtime/clock.js';
import type { CallRunner } from './call-runner.js';
import { checkConnection } from './connection-check.js';
import type { ConnectionCheck } from './connection-check.js';
import { readCandles, readQuotes } from './market-data.js';
import { sendRawCommand } from './raw-command.js';
import type { ReadLimit } from './read-limit.js';

export interface AccountCallsOptions {
  readonly definition: BrokerDefinition;
  readonly adapter: BrokerAdapter;
  readonly runner: CallRunner;
  readonly clock: Clock;
}

const READ_DEADLINE_MS = 10_000;

/** What one connection asks of its broker: each call with a session, a breaker, a limit and a deadline. */
export abstract class AccountCalls {
  readonly adapter: BrokerAdapter;
  readonly runner: CallRunner;
  abstract readonly broker: string;
  readonly #options: AccountCallsOptions;
  readonly #orderBook = new SharedRead(() => this.read((call) => this.adapter.orderBook(call)));

  constructor(options: AccountCallsOptions) {
    this.#options = options;
    this.adapter = options.adapter;
    this.runner = options.runner;
  }

  get capabilities(): BrokerCapabilities {
    return this.#options.definition.capabilities;
  }

  /** Its requests are not ours to see. */
  get usesOwnClient(): boolean {
    return this.#options.definition.usesOwnClient === true;
  }

  /** @throws {AlgoError} `ALGO_UNKNOWN_INSTRUMENT`, `ALGO_NOT_CONNECTED` while no instruments were ever loaded */
  abstract listing(instrument: InstrumentId): Listing;

  profile(): Promise<AccountProfile> {
    return this.read((call) => this.adapter.profile(call));
  }

  async orders(): Promise<readonly BrokerOrder[]> {
    return (await this.orderBook()).orders;
  }

  /** One reading for everybody who asks at the same time: some brokers allow one a second. */
  orderBook(): Promise<OrderBookReading> {
    return this.#orderBook.ask();
  }

  order(brokerOrderId: string): Promise<BrokerOrder | null> {
    return this.read((call) => this.adapter.order(brokerOrderId, call));
  }

  trades(brokerOrderId?: string): Promise<readonly Trade[]> {
    return this.read((call) =>
      brokerOrderId === undefined ? this.adapter.trades(call) : this.adapter.tradesOf(brokerOrderId, call),
    );
  }

  positions(): Promise<readonly Position[]> {
    return this.read((call) => this.adapter.positions(call));
  }

  holdings(): Promise<readonly Holding[]> {
    return this.read((call) => this.adapter.holdings(call));
  }

  funds(): Promise<Funds> {
    return this.read((call) => this.adapter.funds(call));
  }

  /** @throws {AlgoError} `ALGO_NOT_SUPPORTED` where the broker does not say */
  async margin(order: MarginRequest): Promise<Margin> {
    if (!this.capabilities.margin) throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: this.broker, what: 'margins' });
    return this.read((call) => this.adapter.margin(order, call));
  }

  check(): Promise<ConnectionCheck> {
    const reads = {
      profile: () => this.profile(),
      orders: () => this.orders(),
      positions: () => this.positions(),
      holdings: () => this.holdings(),
      funds: () => this.funds(),
    };
    return checkConnection(reads, this.#options.clock);
  }

  quotes(
    instruments: readonly InstrumentId[],
    detail: QuoteDetail = 'ltp',
    limit?: ReadLimit,
  ): Promise<readonly Quote[]> {
    return readQuotes(this, this.#data, instruments, detail, limit);
  }

  candles(request: CandleRequest, limit?: ReadLimit): Promise<readonly Candle[]> {
    return readCandles(this, this.#data, request, limit);
  }

  raw(request: RawRequest): Promise<RawReply> {
    if (request.purpose === 'read') return this.read((call) => this.adapter.raw(request, call));
    const { runner, adapter, usesOwnClient } = this;
    return sendRawCommand(request, { runner, adapter, usesOwnClient, deadlineMs: READ_DEADLINE_MS });
  }

  /** @throws {AlgoError} with effect `none` */
  protected read<Value>(run: (call: BrokerCall) => Promise<Value>): Promise<Value> {
    return this.runner.read('reads', this.#readDeadlineMs, run);
  }

  readonly #data = <Value>(run: (call: BrokerCall) => Promise<Value>, limit?: ReadLimit): Promise<Value> =>
    limit === undefined
      ? this.runner.read('data', this.#readDeadlineMs, run)
      : this.runner.read('data', limit.deadlineMs, run, limit.tries ?? undefined, limit.tries !== null);

  get #readDeadlineMs(): number {
    return this.#options.definition.reads?.timeoutMs ?? READ_DEADLINE_MS;
  }
}
