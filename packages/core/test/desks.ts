import { dhan } from '@algo/broker-dhan';
import { isAlgoError, memoryStore } from '@algo/core';
import type { AccountKey, BrokerDefinition, InputProblem, Store } from '@algo/core';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { createAccountClients } from '../src/app/account-clients.js';
import { createAuditDesk } from '../src/app/audit-desk.js';
import { createBrokerDesk } from '../src/app/broker-desk.js';
import { createBrokerSwitch } from '../src/app/broker-switch.js';
import type { BrokerSwitch } from '../src/app/broker-switch.js';
import type { BrokerDesk } from '../src/app/broker-desk.js';
import type { AuditDesk } from '../src/app/audit-desk.js';
import { createConfigurationDesk } from '../src/app/configuration-desk.js';
import type { ConfigurationDesk } from '../src/app/configuration-desk.js';
import { createConfigurationRows } from '../src/app/configuration-rows.js';
import { createCredentialDesk } from '../src/app/credential-desk.js';
import type { CredentialDesk } from '../src/app/credential-desk.js';
import type { CredentialSource } from '../src/connection/credential-source.js';
import { chain, storedCredentials } from '../src/connection/credential-sources.js';
import { environmentCredentials } from '../src/connection/environment-credentials.js';
import type { HostEnvironment } from '../src/connection/environment-credentials.js';
import { CredentialVault } from '../src/vault/credential-vault.js';

/** One user's desks over a store, put together as the manager does, without any connection. */
export interface Desks {
  readonly key: AccountKey;
  readonly credentials: CredentialDesk;
  readonly configuration: ConfigurationDesk;
  readonly brokers: BrokerDesk;
  readonly switches: BrokerSwitch;
  readonly audit: AuditDesk;
  /** Where a connection of this user would look for credentials. */
  readonly source: CredentialSource;
  readonly store: Store;
  readonly clock: FakeClock;
  /** What the desks told others to forget, end or drop, in order. */
  readonly told: string[];
}

export interface DesksOptions {
  readonly userId?: string;
  readonly store?: Store;
  readonly clock?: FakeClock;
  readonly environment?: HostEnvironment;
  readonly keys?: ConstructorParameters<typeof CredentialVault>[0];
  /** By account. */
  readonly unsettled?: ReadonlyMap<string, number>;
  /** Accounts connected at Dhan. */
  readonly connected?: readonly string[];
  readonly onEnd?: () => void;
}

export const TOKEN = 'eyJjYW5hcnk.eyJ0b2tlbg.c2lnbmF0dXJl';
export const PASTED = { clientId: '1000000001', accessToken: TOKEN };
export const HEADLESS = { clientId: '1000000001', pin: '918273', totpSecret: 'CANARYSEEDCANARYSEED' };

export const BROKERS: readonly BrokerDefinition[] = [dhan(), { ...dhan(), id: 'other', name: 'Another broker' }];

export function keysNamed(id: string, fill = 7): NonNullable<DesksOptions['keys']> {
  const key = { id, bytes: new Uint8Array(32).fill(fill) };
  return { current: async () => key, byId: async (wanted) => (wanted === id ? key : null) };
}

export async function openDesks(options: DesksOptions = {}): Promise<Desks> {
  const { userId = 'u1', clock = createFakeClock(), keys = keysNamed('test-key'), unsettled = new Map() } = options;
  const store = options.store ?? (await memoryStore().open());
  const vault = new CredentialVault(keys);
  const told: string[] = [];
  const definitions = new Map(BROKERS.map((definition) => [definition.id, definition]));
  const definitionOf = (broker: string): BrokerDefinition => {
    const definition = definitions.get(broker);
    if (definition === undefined) throw new Error(`no ${broker} here`);
    return definition;
  };
  const unsettledOrders = async ({ account }: AccountKey): Promise<number> => unsettled.get(account) ?? 0;
  const rows = createConfigurationRows({
    userId,
    store: async () => store.configuration,
    clock,
    onChange: (name) => told.push(`forget ${name}`),
  });
  const read = (name: string) => store.configuration.get(userId, name);
  const clients = createAccountClients({ rows, read, unsettledOrders });
  const environment =
    options.environment === undefined
      ? null
      : environmentCredentials({
          environment: options.environment,
          templateOf: (broker) => definitionOf(broker).credentials,
          claim: (key, client) => clients.claim(key, client),
        });
  const switches = createBrokerSwitch({ rows, read });
  return {
    key: { userId, broker: 'dhan', account: 'main' },
    switches,
    store,
    clock,
    told,
    source: chain([
      storedCredentials({ credentials: store.credentials, vault }),
      ...(environment === null ? [] : [environment]),
    ]),
    credentials: createCredentialDesk({
      userId,
      definitionOf,
      store: async () => store.credentials,
      vault,
      clock,
      environment,
      checkClient: (key, client) => clients.check(key, client),
      unsettledOrders,
      onChange: async ({ account }) => void told.push(`drop session of ${account}`),
    }),
    configuration: createConfigurationDesk({ rows, definitions: BROKERS }),
    brokers: createBrokerDesk({
      userId,
      definitions,
      switches,
      store: async () => store,
      clock,
      connections: () => (options.connected ?? []).map((account) => ({ broker: 'dhan', account })),
      endConnections: async (broker) => {
        told.push(`end ${broker}`);
        options.onEnd?.();
      },
      unsettledOrders,
      onDeleted: (broker) => void told.push(`deleted ${broker}`),
    }),
    audit: createAuditDesk({ userId, store: async () => store.audit }),
  };
}

/** What an input error says is wrong; fails the test when it is not refused. */
export async function problemsOf(refused: Promise<unknown>): Promise<readonly InputProblem[]> {
  const error: unknown = await refused.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT') return error.details.problems;
  throw new Error('it was not refused as input', { cause: error });
}
