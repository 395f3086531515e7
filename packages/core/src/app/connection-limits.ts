import type { BrokerConnection } from '../connection/broker-connection.js';
import { AlgoError } from '../errors/algo-error.js';

/** How much one user may have at once; null for no limit. */
export interface ConnectionLimitsOptions {
  readonly connectionsPerUser: number | null;
  readonly callsPerUser: number | null;
}

/** What of a connection goes to the broker by its owner's wish. Reads that the SDK makes by itself do not count. */
const COUNTED: ReadonlySet<PropertyKey> = new Set<keyof BrokerConnection>([
  'profile',
  'orders',
  'order',
  'trades',
  'positions',
  'holdings',
  'funds',
  'quotes',
  'candles',
  'check',
  'raw',
]);

/** Keeps one user within its limits, so that a loop gone wild fills neither memory nor the lines of others. */
export class ConnectionLimits {
  readonly #connections: number | null;
  readonly #calls: number | null;
  readonly #guarded = new WeakMap<BrokerConnection, BrokerConnection>();
  #underWay = 0;

  constructor({ connectionsPerUser, callsPerUser }: ConnectionLimitsOptions) {
    this.#connections = connectionsPerUser;
    this.#calls = callsPerUser;
  }

  /** @throws {AlgoError} `ALGO_TOO_MANY` when the user has as many connections as it may */
  assertRoomFor(connections: number): void {
    if (this.#connections === null || connections <= this.#connections) return;
    throw new AlgoError('ALGO_TOO_MANY', { what: 'connections of this user', limit: this.#connections });
  }

  /** The connection as its owner gets it, the same one each time: its calls count. */
  guard(connection: BrokerConnection): BrokerConnection {
    if (this.#calls === null) return connection;
    const known = this.#guarded.get(connection);
    if (known !== undefined) return known;
    const guarded = this.#guardedOf(connection);
    this.#guarded.set(connection, guarded);
    return guarded;
  }

  /** Runs a call that counts. @throws {AlgoError} `ALGO_TOO_MANY`: nothing was sent */
  async call<Value>(run: () => Promise<Value>): Promise<Value> {
    if (this.#calls === null) return run();
    if (this.#underWay >= this.#calls) {
      throw new AlgoError('ALGO_TOO_MANY', { what: 'calls of this user at once', limit: this.#calls });
    }
    this.#underWay += 1;
    try {
      return await run();
    } finally {
      this.#underWay -= 1;
    }
  }

  #guardedOf(connection: BrokerConnection): BrokerConnection {
    const calls = new Map<PropertyKey, unknown>();
    return new Proxy(connection, {
      get: (target, name) => {
        const known = calls.get(name);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(target, name, target); // its private fields know no stand-in
        if (typeof value !== 'function') return value;
        const bound = (...given: readonly unknown[]): unknown => Reflect.apply(value, target, given);
        const call = COUNTED.has(name)
          ? (...given: readonly unknown[]) => this.call(async () => bound(...given))
          : bound;
        calls.set(name, call);
        return call;
      },
    });
  }
}
