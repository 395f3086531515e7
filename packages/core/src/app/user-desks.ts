import type { ResolvedAlgoOptions } from '../config/algo-options.js';
import type { CredentialSource } from '../connection/credential-source.js';
import { chain, storedCredentials } from '../connection/credential-sources.js';
import { environmentCredentials } from '../connection/environment-credentials.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AccountKey, Store } from '../contract/store.js';
import type { ConnectionRef } from '../domain/order.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { createAccountClients } from './account-clients.js';
import { createAuditDesk } from './audit-desk.js';
import type { AuditDesk } from './audit-desk.js';
import { createBrokerDesk } from './broker-desk.js';
import type { BrokerDesk } from './broker-desk.js';
import { createBrokerSwitch } from './broker-switch.js';
import type { BrokerSwitch } from './broker-switch.js';
import type { ConfigurationCache } from './configuration-cache.js';
import { createConfigurationDesk } from './configuration-desk.js';
import type { ConfigurationDesk } from './configuration-desk.js';
import { createConfigurationRows } from './configuration-rows.js';
import { createCredentialDesk } from './credential-desk.js';
import type { CredentialDesk } from './credential-desk.js';
import { DEFAULT_CONNECTION } from './default-connection.js';
import type { DefaultConnection } from './default-connection.js';
import { FAILOVER_STRATEGY } from './failover-setting.js';
import type { FailoverSetting } from './failover-setting.js';
import { KnownSetting } from './known-setting.js';
import { OffBrokers } from './off-brokers.js';

export interface UserDesksOptions extends Pick<ResolvedAlgoOptions, 'brokers' | 'clock' | 'environment' | 'logger'> {
  readonly userId: string;
  readonly store: () => Promise<Store>;
  readonly vault: CredentialVault;
  readonly configurations: ConfigurationCache;
  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER` */
  readonly definitionOf: (broker: string) => BrokerDefinition;
  /** How many of the account's orders of today have an outcome nobody knows, or wait to be sent. */
  readonly unsettledOrders: (key: AccountKey) => Promise<number>;
  /** The session made with the old credentials is dropped. */
  readonly onCredentials: (key: AccountKey) => Promise<void>;
  readonly connections: () => readonly ConnectionRef[];
  readonly endConnections: (broker: string) => Promise<void>;
  /** The failover strategy was read, and may be another one than before. */
  readonly onStrategy: () => void;
  /** Whoever holds a copy of that broker's credentials or sessions drops it. */
  readonly onDeleted: (broker: string) => void;
}

/** What one user keeps and sets, beside connections and orders. */
export interface UserDesks {
  readonly credentials: CredentialDesk;
  readonly brokers: BrokerDesk;
  readonly configuration: ConfigurationDesk;
  readonly audit: AuditDesk;
  readonly switches: BrokerSwitch;
  readonly off: OffBrokers;
  /** The connection that serves calls that name none. */
  readonly preferred: DefaultConnection;
  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_STORE_CONFLICT` */
  readonly setDefault: DefaultConnection['set'];
  /** Which connection serves when one fails. */
  readonly failover: FailoverSetting;
  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_STORE_CONFLICT` */
  readonly setFailover: FailoverSetting['set'];
  /** Where this user's log-ins take their credentials from: what is stored, then the host's environment. */
  readonly source: CredentialSource;
}

export function buildUserDesks(options: UserDesksOptions): UserDesks {
  const { userId, brokers, clock, logger, store, vault, configurations, definitionOf, unsettledOrders } = options;
  const read = (name: string) => configurations.read(userId, name);
  const rows = createConfigurationRows({
    userId,
    store: async () => (await store()).configuration,
    clock,
    onChange: (name) => configurations.forget(userId, name),
  });
  const written = createBrokerSwitch({ rows, read });
  const off = new OffBrokers([...brokers.keys()], written, logger);
  const preferred = new KnownSetting(DEFAULT_CONNECTION, { rows, read, logger });
  const failover = new KnownSetting(FAILOVER_STRATEGY, { rows, read, logger, onRead: options.onStrategy });
  const switches: BrokerSwitch = {
    ...written,
    async set(broker, enabled, by) {
      await written.set(broker, enabled, by);
      await off.read();
    },
  };
  const clients = createAccountClients({ rows, read, unsettledOrders });
  const environment =
    options.environment === null
      ? null
      : environmentCredentials({
          environment: options.environment,
          templateOf: (broker) => definitionOf(broker).credentials,
          claim: (key, client) => clients.claim(key, client),
        });
  const stored: CredentialSource = storedCredentials({
    credentials: { get: async (key) => (await store()).credentials.get(key) },
    vault,
  });
  return {
    switches,
    off,
    preferred,
    async setDefault(ref, by) {
      if (ref !== null) definitionOf(ref.broker);
      await preferred.set(ref, by);
    },
    failover,
    async setFailover(strategy, by) {
      if (strategy !== null) for (const { broker } of [strategy.primary, ...strategy.backups]) definitionOf(broker);
      await failover.set(strategy, by);
    },
    source: environment === null ? stored : chain([stored, environment]),
    credentials: createCredentialDesk({
      userId,
      vault,
      clock,
      definitionOf,
      environment,
      store: async () => (await store()).credentials,
      checkClient: (key, client) => clients.check(key, client),
      unsettledOrders,
      onChange: options.onCredentials,
    }),
    brokers: createBrokerDesk({
      userId,
      definitions: brokers,
      switches,
      store,
      clock,
      connections: options.connections,
      endConnections: options.endConnections,
      onDeleted: options.onDeleted,
      unsettledOrders,
    }),
    configuration: createConfigurationDesk({ rows, definitions: [...brokers.values()] }),
    audit: createAuditDesk({ userId, store: async () => (await store()).audit }),
  };
}
