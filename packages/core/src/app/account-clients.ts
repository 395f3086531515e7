import { z } from 'zod';
import type { ConfigurationRecord } from '../contract/configuration-store.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import { jsonOf } from '../runtime/json-of.js';
import { writeCanonical } from './canonical-json.js';
import { environmentName } from './configuration-desk.js';
import type { ConfigurationRows } from './configuration-rows.js';

/**
 * Remembers which client the host's environment named under each account of one user. A stored credential carries its
 * client along; variables do not, and an order of one client must never be looked for in the book of another.
 */
export interface AccountClients {
  /** Before credentials are stored where there were none. @throws {AlgoError} `ALGO_ORDERS_UNSETTLED` */
  check(key: AccountKey, client: string): Promise<void>;
  /** Before the environment's are used. @throws {AlgoError} `ALGO_ORDERS_UNSETTLED`, `ALGO_STORE_CONFLICT` */
  claim(key: AccountKey, client: string): Promise<void>;
}

export interface AccountClientsOptions {
  readonly rows: ConfigurationRows;
  /** Reads a record, perhaps from a cache that hears of changes: it is asked each time credentials are looked up. */
  readonly read: (name: string) => Promise<ConfigurationRecord | null>;
  readonly unsettledOrders: (key: AccountKey) => Promise<number>;
}

const TRIES = 5;

export function createAccountClients({ rows, read, unsettledOrders }: AccountClientsOptions): AccountClients {
  async function assertSettled(key: AccountKey): Promise<void> {
    const { broker, account } = key;
    const orders = await unsettledOrders(key);
    if (orders > 0) throw new AlgoError('ALGO_ORDERS_UNSETTLED', { broker, account, orders });
  }

  return {
    async check(key, client) {
      const record = await rows.get(environmentName(key.broker));
      const known = clientsOf(record?.value).get(key.account);
      if (known !== undefined && known !== spelled(client)) await assertSettled(key);
    },
    async claim(key, client) {
      const { broker, account } = key;
      const name = environmentName(broker);
      let over = await read(name);
      for (let tried = 0; tried < TRIES; tried += 1) {
        const clients = clientsOf(over?.value);
        if (clients.get(account) === spelled(client)) return;
        await assertSettled(key);
        const value = writeCanonical({ clients: [...clients.set(account, spelled(client))] });
        const change = { name, value, over, action: 'environment-client' };
        if ((await rows.put(change, { actor: 'system' })) !== null) return;
        over = await rows.get(name);
      }
      throw new AlgoError('ALGO_STORE_CONFLICT', { what: `What the environment named at ${broker}` });
    },
  };
}

/** Typed by a person, and brokers do not mind the case. */
const spelled = (client: string): string => client.trim().toUpperCase();

const clientsText = z.strictObject({ clients: z.array(z.tuple([z.string(), z.string()])) });

function clientsOf(text: string | undefined): Map<string, string> {
  const parsed = clientsText.safeParse(text === undefined ? null : jsonOf(text));
  return new Map(parsed.success ? parsed.data.clients : []);
}
