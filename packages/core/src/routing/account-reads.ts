import type { BrokerOrder, ConnectionRef } from '../domain/order.js';
import type { Funds, Holding, Position, Trade } from '../domain/portfolio.js';
import type { Clock } from '../runtime/clock.js';
import type { Reading } from './failover-strategy.js';
import { LastKnown } from './last-known.js';
import { readFailureOf } from './read-failure.js';

/**
 * What an account holds and did. It is asked of that account alone: no other one stands in for it. When its broker does
 * not answer, the last that was known comes back marked `stale`. Without a connection named it is the one that serves.
 *
 * Each throws an `AlgoError`: the broker's own no, `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR`, and why the broker
 * does not answer when nothing was read before.
 */
export interface AccountReads {
  orders(connection?: ConnectionRef): Promise<Reading<readonly BrokerOrder[]>>;
  trades(connection?: ConnectionRef): Promise<Reading<readonly Trade[]>>;
  positions(connection?: ConnectionRef): Promise<Reading<readonly Position[]>>;
  holdings(connection?: ConnectionRef): Promise<Reading<readonly Holding[]>>;
  funds(connection?: ConnectionRef): Promise<Reading<Funds>>;
}

export interface AccountSource extends ConnectionRef {
  orders(): Promise<readonly BrokerOrder[]>;
  trades(): Promise<readonly Trade[]>;
  positions(): Promise<readonly Position[]>;
  holdings(): Promise<readonly Holding[]>;
  funds(): Promise<Funds>;
}

export interface AccountReaderOptions {
  readonly clock: Clock;
  /** @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR` */
  readonly choose: (wanted: ConnectionRef | undefined) => AccountSource;
}

const MOST_ACCOUNTS = 100;

export class AccountReader implements AccountReads {
  readonly #options: AccountReaderOptions;
  readonly #orders = new LastKnown<readonly BrokerOrder[]>(MOST_ACCOUNTS);
  readonly #trades = new LastKnown<readonly Trade[]>(MOST_ACCOUNTS);
  readonly #positions = new LastKnown<readonly Position[]>(MOST_ACCOUNTS);
  readonly #holdings = new LastKnown<readonly Holding[]>(MOST_ACCOUNTS);
  readonly #funds = new LastKnown<Funds>(MOST_ACCOUNTS);
  /** What was asked for before something was forgotten is not kept. */
  #generation = 0;

  constructor(options: AccountReaderOptions) {
    this.#options = options;
  }

  orders(connection?: ConnectionRef): Promise<Reading<readonly BrokerOrder[]>> {
    return this.#read(this.#orders, connection, (source) => source.orders());
  }

  trades(connection?: ConnectionRef): Promise<Reading<readonly Trade[]>> {
    return this.#read(this.#trades, connection, (source) => source.trades());
  }

  positions(connection?: ConnectionRef): Promise<Reading<readonly Position[]>> {
    return this.#read(this.#positions, connection, (source) => source.positions());
  }

  holdings(connection?: ConnectionRef): Promise<Reading<readonly Holding[]>> {
    return this.#read(this.#holdings, connection, (source) => source.holdings());
  }

  funds(connection?: ConnectionRef): Promise<Reading<Funds>> {
    return this.#read(this.#funds, connection, (source) => source.funds());
  }

  /** As they were read last, without asking. */
  knownPositions(connection: ConnectionRef): readonly Position[] | null {
    return this.#positions.recall(keyOf(connection))?.value ?? null;
  }

  knownHoldings(connection: ConnectionRef): readonly Holding[] | null {
    return this.#holdings.recall(keyOf(connection))?.value ?? null;
  }

  /** Its credentials changed or it was removed: the account of that name may be somebody else's now. */
  forget(connection: ConnectionRef): void {
    this.#generation += 1;
    for (const known of this.#all) known.forget(connection);
  }

  clear(): void {
    this.#generation += 1;
    for (const known of this.#all) known.clear();
  }

  get #all(): readonly Pick<LastKnown<unknown>, 'forget' | 'clear'>[] {
    return [this.#orders, this.#trades, this.#positions, this.#holdings, this.#funds];
  }

  async #read<Value>(
    known: LastKnown<Value>,
    wanted: ConnectionRef | undefined,
    read: (source: AccountSource) => Promise<Value>,
  ): Promise<Reading<Value>> {
    const { clock, choose } = this.#options;
    const generation = this.#generation;
    let asked = wanted;
    try {
      const source = choose(wanted);
      asked = source;
      const value = await read(source);
      const { broker, account } = source;
      if (generation !== this.#generation)
        return { value, from: { broker, account }, asOfMs: clock.now(), stale: false };
      return known.remember(keyOf(source), value, source, clock.now());
    } catch (error) {
      const last = asked === undefined || readFailureOf(error) !== 'outage' ? null : known.recall(keyOf(asked));
      if (last === null) throw error;
      return last;
    }
  }
}

const keyOf = ({ broker, account }: ConnectionRef): string => JSON.stringify([broker, account]);
