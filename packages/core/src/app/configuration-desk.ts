import { REFUSALS } from '../connection/login-refusals.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { ConfigurationRecord } from '../contract/configuration-store.js';
import { AlgoError } from '../errors/algo-error.js';
import { jsonOf } from '../runtime/json-of.js';
import type { ChangedBy } from './audit-entry.js';
import { writeCanonical } from './canonical-json.js';
import type { ConfigurationRows } from './configuration-rows.js';
import { DEFAULT_CONNECTION } from './default-connection.js';
import { FAILOVER_STRATEGY } from './failover-setting.js';

/** A user's named settings: JSON of at most 64 KiB each, without secrets. */
export interface ConfigurationDesk {
  get(name: string): Promise<ConfigurationEntry | null>;
  /** In the order of names. */
  list(): Promise<readonly ConfigurationEntry[]>;
  /**
   * Writes over the version that was read, or over nothing with `over: null`.
   *
   * @returns the new version
   * @throws {AlgoError} `ALGO_STORE_CONFLICT` when it has another version by now; `ALGO_INVALID_INPUT` naming the place in
   * the value, also for keys that a broker's template calls secret: those belong into `credentials.put`
   */
  put(name: string, value: unknown, options: ConfigurationPut): Promise<number>;
  /** False when there was none. */
  delete(name: string, by?: ChangedBy): Promise<boolean>;
}

export interface ConfigurationPut extends ChangedBy {
  readonly over: number | null;
}

export interface ConfigurationEntry {
  readonly name: string;
  readonly version: number;
  /** As it was put. */
  readonly value: unknown;
  readonly updatedAtMs: number;
}

export interface ConfigurationDeskOptions {
  readonly rows: ConfigurationRows;
  readonly definitions: readonly BrokerDefinition[];
}

/** Names under these are written by the SDK alone. */
const RESERVED = { broker: 'broker/', environment: 'environment/', login: REFUSALS } as const;

/** Where the switch of a broker is kept. */
export const switchName = (broker: string): string => `${RESERVED.broker}${broker}`;

/** Where it is kept whose accounts the host's environment named at a broker. */
export const environmentName = (broker: string): string => `${RESERVED.environment}${broker}`;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const LONGEST_NAME = 200;

export function createConfigurationDesk({ rows, definitions }: ConfigurationDeskOptions): ConfigurationDesk {
  const secretNames = new Set(definitions.flatMap(secretNamesOf));
  const refuseKey = (key: string): string | null =>
    secretNames.has(folded(key)) ? 'is the name of a secret: store it with credentials.put' : null;

  return {
    async get(name) {
      checkConfigurationName(name);
      const record = await rows.get(name);
      return record === null ? null : entryOf(record);
    },
    async list() {
      return (await rows.list()).map(entryOf);
    },
    async put(name, value, { over, ...by }) {
      checkOwnName(name);
      const text = writeCanonical(value, refuseKey);
      const known = await rows.get(name);
      const isOver = (known?.version ?? null) === over;
      const written = isOver
        ? await rows.put({ name, value: text, over: known, action: 'configuration-put' }, by)
        : null;
      if (written === null) throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The configuration ${name}` });
      return written.version;
    },
    async delete(name, by) {
      checkOwnName(name);
      return rows.delete(name, 'configuration-delete', by);
    },
  };
}

const entryOf = ({ name, version, value, updatedAtMs }: ConfigurationRecord): ConfigurationEntry => ({
  name,
  version,
  value: jsonOf(value),
  updatedAtMs,
});

/** `accessToken`, `access_token` and `ACCESS-TOKEN` are one name. */
const folded = (key: string): string => key.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();

const secretNamesOf = ({ credentials: { fields } }: BrokerDefinition): readonly string[] =>
  fields.filter(({ secret }) => secret).map(({ name }) => folded(name));

function checkConfigurationName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name.length <= LONGEST_NAME && NAME.test(name)) return;
  throw refused(`must be 1 to ${LONGEST_NAME} characters of A-Z a-z 0-9 . _ - in parts divided by /`);
}

function checkOwnName(name: unknown): asserts name is string {
  checkConfigurationName(name);
  if (name.startsWith(RESERVED.broker)) throw refused('is a switch: use brokers.disable and brokers.enable');
  if (name === DEFAULT_CONNECTION.name) throw refused('is chosen with setDefault');
  if (name === FAILOVER_STRATEGY.name) throw refused('is set with setFailover');
  if (name.startsWith(RESERVED.environment) || name.startsWith(RESERVED.login)) {
    throw refused('is kept by the SDK and cannot be written');
  }
}

const refused = (problem: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'name', problem }] });
