import { z } from 'zod';
import type { ConfigurationRecord } from '../contract/configuration-store.js';
import { AlgoError } from '../errors/algo-error.js';
import { jsonOf } from '../runtime/json-of.js';
import type { ChangedBy } from './audit-entry.js';
import { writeCanonical } from './canonical-json.js';
import { switchName } from './configuration-desk.js';
import type { ConfigurationRows } from './configuration-rows.js';

/**
 * Whether a user has a broker switched on. Switched off, nothing new is connected and no entry is placed there; cancels,
 * reads and the search for orders of unknown outcome go on, and no other broker notices.
 */
export interface BrokerSwitch {
  isEnabled(broker: string): Promise<boolean>;
  /** @throws {AlgoError} `ALGO_BROKER_DISABLED` */
  assertEnabled(broker: string): Promise<void>;
  /** @throws {AlgoError} `ALGO_STORE_CONFLICT` when others keep writing it at the same time */
  set(broker: string, enabled: boolean, by?: ChangedBy): Promise<void>;
}

export interface BrokerSwitchOptions {
  readonly rows: ConfigurationRows;
  /** Reads a record, perhaps from a cache that hears of changes: it is asked before every entry. */
  readonly read: (name: string) => Promise<ConfigurationRecord | null>;
}

const TRIES = 5;

export function createBrokerSwitch({ rows, read }: BrokerSwitchOptions): BrokerSwitch {
  const isEnabled = async (broker: string): Promise<boolean> => isOn(await read(switchName(broker)));

  return {
    isEnabled,
    async assertEnabled(broker) {
      if (!(await isEnabled(broker))) throw new AlgoError('ALGO_BROKER_DISABLED', { broker });
    },
    async set(broker, enabled, by) {
      const name = switchName(broker);
      const action = enabled ? 'broker-enable' : 'broker-disable';
      for (let tried = 0; tried < TRIES; tried += 1) {
        const over = await rows.get(name);
        if (isOn(over) === enabled) return;
        if ((await rows.put({ name, value: writeCanonical({ enabled }), over, action }, by)) !== null) return;
      }
      throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The switch of ${broker}` });
    },
  };
}

const switchText = z.strictObject({ enabled: z.boolean() });

/** A switch that cannot be read is off: orders wait for somebody to look. */
function isOn(record: ConfigurationRecord | null): boolean {
  if (record === null) return true;
  const parsed = switchText.safeParse(jsonOf(record.value));
  return parsed.success && parsed.data.enabled;
}
