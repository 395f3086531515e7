import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AccountKey, BrokerRemoval, Store } from '../contract/store.js';
import type { ConnectionRef } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import { auditEntry } from './audit-entry.js';
import type { ChangedBy } from './audit-entry.js';
import type { BrokerSwitch } from './broker-switch.js';
import { writeCanonical } from './canonical-json.js';
import { checkName } from './check-name.js';

/** The brokers a user trades with: switched on or off, or taken away. */
export interface BrokerDesk {
  /** Those handed to createAlgo, in their order. */
  list(): Promise<readonly BrokerSetting[]>;
  /**
   * Connects nothing new there and places no entry, until `enable`. What is connected stays: orders there can be
   * cancelled and are still followed.
   *
   * @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_INVALID_INPUT`, `ALGO_STORE_CONFLICT`
   */
  disable(broker: string, by?: ChangedBy): Promise<void>;
  enable(broker: string, by?: ChangedBy): Promise<void>;
  /**
   * Ends the user's connections to a broker and takes away their credentials and sessions there, and its instruments
   * unless another user has credentials there. Orders, fills, audit and the switch stay. Also for a broker that is not
   * handed over any more. With `dryRun` nothing is changed.
   *
   * @throws {AlgoError} `ALGO_ORDERS_UNSETTLED` while an order of today is looked for with these credentials
   */
  delete(broker: string, options?: DeleteBrokerOptions): Promise<BrokerDeletion>;
}

export interface BrokerSetting {
  readonly broker: string;
  readonly name: string;
  readonly enabled: boolean;
}

export interface DeleteBrokerOptions extends ChangedBy {
  /** @default false */
  readonly dryRun?: boolean;
}

/** What went, or in a dry run would go. */
export interface BrokerDeletion extends BrokerRemoval {
  /** Accounts whose connection was ended, or would be. */
  readonly connections: readonly string[];
  /** Orders of today that stand in the way of it; none after a deletion. */
  readonly unsettledOrders: number;
}

export interface BrokerDeskOptions {
  readonly userId: string;
  readonly definitions: ReadonlyMap<string, BrokerDefinition>;
  readonly switches: BrokerSwitch;
  readonly store: () => Promise<Pick<Store, 'credentials' | 'sessions' | 'removeBroker'>>;
  readonly clock: Clock;
  /** What is connected, in whatever state. */
  readonly connections: () => readonly ConnectionRef[];
  /** Ends them and forgets them: no order leaves there any more. */
  readonly endConnections: (broker: string) => Promise<void>;
  /** How many of the account's orders of today have an outcome nobody knows, or wait to be sent. */
  readonly unsettledOrders: (key: AccountKey) => Promise<number>;
  /** Whoever holds a copy of the broker's credentials or sessions drops it. */
  readonly onDeleted: (broker: string) => void;
}

interface Unsettled {
  readonly account: string;
  readonly orders: number;
}

export function createBrokerDesk(options: BrokerDeskOptions): BrokerDesk {
  const { userId, definitions, switches, store, clock, connections, endConnections, onDeleted } = options;

  const set = async (broker: string, enabled: boolean, by?: ChangedBy): Promise<void> => {
    checkName('broker', broker);
    if (!definitions.has(broker)) {
      throw new AlgoError('ALGO_UNKNOWN_BROKER', { broker: broker.slice(0, 60), known: [...definitions.keys()] });
    }
    await switches.set(broker, enabled, by);
  };

  const connectedAt = (broker: string): readonly string[] =>
    connections().flatMap((ref) => (ref.broker === broker ? [ref.account] : []));

  async function unsettledAt(broker: string): Promise<readonly Unsettled[]> {
    const { credentials, sessions } = await store();
    const stored = [...(await credentials.list(userId)), ...(await sessions.list(userId))];
    const named = stored.flatMap((row) => (row.broker === broker ? [row.account] : []));
    const accounts = [...new Set([...named, ...connectedAt(broker)])];
    return Promise.all(
      accounts.map(async (account) => ({
        account,
        orders: await options.unsettledOrders({ userId, broker, account }),
      })),
    );
  }

  async function assertSettled(broker: string): Promise<void> {
    const found = (await unsettledAt(broker)).find(({ orders }) => orders > 0);
    if (found !== undefined) throw new AlgoError('ALGO_ORDERS_UNSETTLED', { broker, ...found });
  }

  async function tryOut(broker: string): Promise<BrokerDeletion> {
    const removal = await (await store()).removeBroker(userId, broker, { dryRun: true });
    const unsettledOrders = (await unsettledAt(broker)).reduce((sum, { orders }) => sum + orders, 0);
    return { ...removal, connections: connectedAt(broker), unsettledOrders };
  }

  return {
    list: () =>
      Promise.all(
        [...definitions.values()].map(async ({ id, name }) => ({
          broker: id,
          name,
          enabled: await switches.isEnabled(id),
        })),
      ),
    disable: (broker, by) => set(broker, false, by),
    enable: (broker, by) => set(broker, true, by),
    async delete(broker, { dryRun = false, ...by } = {}) {
      checkName('broker', broker);
      const planned = await tryOut(broker);
      const { connections: accounts, unsettledOrders: _unsettled, ...before } = planned;
      const action = 'broker-delete';
      const change = {
        userId,
        atMs: clock.now(),
        action,
        subject: broker,
        before: writeCanonical(before),
        after: null,
      };
      const audit = auditEntry(change, by);
      if (dryRun) return planned;
      await assertSettled(broker);
      await endConnections(broker);
      await assertSettled(broker); // an order may have left before its connection ended
      const removal = await (await store()).removeBroker(userId, broker, { dryRun: false, audit });
      onDeleted(broker);
      return { ...removal, connections: accounts, unsettledOrders: 0 };
    },
  };
}
