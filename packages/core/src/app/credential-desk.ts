import { checkFields, fitOf, methodInUse, waysIn } from '../connection/credential-fields.js';
import type { CheckedFields } from '../connection/credential-fields.js';
import type { EnvironmentCredentials } from '../connection/environment-credentials.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { CredentialRecord, CredentialStore, CredentialSummary } from '../contract/credential-store.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { nextVersion } from '../vault/record-version.js';
import { writeSecrets } from '../vault/sealed-text.js';
import type { SecretFields } from '../vault/sealed-text.js';
import { auditEntry } from './audit-entry.js';
import type { ChangedBy } from './audit-entry.js';
import { writeCanonical } from './canonical-json.js';
import { checkName } from './check-name.js';
import { explainCredentials } from './credential-explanation.js';
import type { CredentialExplanation } from './credential-explanation.js';
import { openRecord } from './credential-state.js';
import type { CredentialState } from './credential-state.js';

/** A user's broker credentials. What a template calls secret is sealed before it is stored and never listed. */
export interface CredentialDesk {
  /**
   * Stores or replaces an account's credentials, checked against the broker's template. A record that cannot be opened
   * is mended by it.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT` naming fields, never values; `ALGO_UNKNOWN_BROKER`, `ALGO_STORE_CONFLICT`
   */
  put(broker: string, account: string, fields: Readonly<Record<string, string>>, by?: ChangedBy): Promise<void>;
  /** Without anything secret. Tells of each whether it can be opened; one that cannot does not hide the others. */
  list(): Promise<readonly CredentialReport[]>;
  /** Which credentials a log-in of this account would use, from where, and what is missing. Without anything secret. */
  explain(broker: string, account: string): Promise<CredentialExplanation>;
  /**
   * False when there were none.
   *
   * @throws {AlgoError} `ALGO_ORDERS_UNSETTLED`
   */
  delete(broker: string, account: string, by?: ChangedBy): Promise<boolean>;
}

/** One account's stored credentials, without what is secret in them. */
export interface CredentialReport extends CredentialSummary {
  readonly state: CredentialState;
}

export interface CredentialDeskOptions {
  readonly userId: string;
  readonly definitionOf: (broker: string) => BrokerDefinition;
  readonly store: () => Promise<CredentialStore>;
  readonly vault: Pick<CredentialVault, 'seal' | 'open'>;
  readonly clock: Clock;
  /** What the host's environment has for this user; null when none was handed over. */
  readonly environment: EnvironmentCredentials | null;
  /** Whether these may be a client's first credentials here. @throws {AlgoError} `ALGO_ORDERS_UNSETTLED` */
  readonly checkClient: (key: AccountKey, client: string) => Promise<void>;
  /** How many of the account's orders have an outcome nobody knows, or wait to be sent: they need these credentials. */
  readonly unsettledOrders: (key: AccountKey) => Promise<number>;
  /** The session made with the old ones is dropped. */
  readonly onChange: (key: AccountKey) => Promise<void>;
}

export function createCredentialDesk(options: CredentialDeskOptions): CredentialDesk {
  const { userId, definitionOf, store, vault, clock, environment, checkClient, unsettledOrders, onChange } = options;
  const deleted = new DeletedVersions();

  const shown = async (record: CredentialRecord | null): Promise<string | null> => {
    if (record === null) return null;
    const { secrets } = await openRecord(vault, record);
    return shownFields(record.fields, secrets);
  };

  const entry = (key: AccountKey, action: string, before: string | null, after: string | null, by?: ChangedBy) =>
    auditEntry({ userId, atMs: clock.now(), action, subject: `${key.broker}/${key.account}`, before, after }, by);

  return {
    async put(broker, account, fields, by = {}) {
      const key: AccountKey = { userId, broker, account };
      const definition = definitionOf(broker);
      checkName('account', account);
      const { plain, secrets } = checked(definition, fields);
      checkReason(by, secrets);
      const facet = await store();
      const known = await facet.get(key);
      if (known === null) await checkClient(key, plain[definition.credentials.identity] ?? '');
      else checkIdentity(definition, known.fields, plain);
      const now = clock.now();
      const version = Math.max(nextVersion(known?.version ?? null, now), deleted.above(key));
      const sealed = await vault.seal(key, 'credential', version, writeSecrets(secrets));
      const record: CredentialRecord = { ...key, version, fields: plain, sealed, updatedAtMs: now };
      const audit = entry(key, 'credentials-put', await shown(known), shownFields(plain, secrets), by);
      if (!(await facet.put(record, known?.version ?? null, audit))) {
        throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The credentials of ${broker}/${account}` });
      }
      await onChange(key);
    },
    async list() {
      const facet = await store();
      const records = await Promise.all((await facet.list(userId)).map((summary) => facet.get(summary)));
      return Promise.all(records.flatMap((record) => (record === null ? [] : [reportOf(vault, record)])));
    },
    async explain(broker, account) {
      const key: AccountKey = { userId, broker, account };
      const { credentials: template } = definitionOf(broker);
      checkName('account', account);
      return explainCredentials({ key, template, credentials: await store(), vault, environment });
    },
    async delete(broker, account, by) {
      const key: AccountKey = { userId, broker, account };
      checkName('broker', broker);
      checkName('account', account);
      const unsettled = await unsettledOrders(key);
      if (unsettled > 0) throw new AlgoError('ALGO_ORDERS_UNSETTLED', { broker, account, orders: unsettled });
      const facet = await store();
      const known = await facet.get(key);
      const audit = entry(key, 'credentials-delete', await shown(known), null, by);
      const isDeleted = await facet.delete(key, audit);
      if (known !== null) deleted.remember(known);
      await onChange(key);
      return isDeleted;
    },
  };
}

/** Credentials put in the second in which others were deleted get a higher version all the same: see `nextVersion`. */
class DeletedVersions {
  readonly #versions = new Map<string, number>();

  remember({ broker, account, version }: CredentialRecord): void {
    this.#versions.set(JSON.stringify([broker, account]), version);
  }

  above({ broker, account }: AccountKey): number {
    return (this.#versions.get(JSON.stringify([broker, account])) ?? 0) + 1;
  }
}

async function reportOf(vault: CredentialDeskOptions['vault'], record: CredentialRecord): Promise<CredentialReport> {
  const { sealed: _sealed, ...summary } = record;
  return { ...summary, state: (await openRecord(vault, record)).state };
}

/** What the audit shows of credentials: secrets by name alone. */
function shownFields(plain: Readonly<Record<string, string>>, secrets: SecretFields | null): string {
  const masked = Object.keys(secrets ?? {}).map((name) => [name, '(secret)'] as const);
  const shut = secrets === null ? [['(sealed)', '(not opened)'] as const] : [];
  return writeCanonical(Object.fromEntries([...Object.entries(plain), ...masked, ...shut]));
}

/** A journal row of one client must never be looked up in the book of another: that would prove an absence that is none. */
function checkIdentity(
  { credentials: { identity } }: BrokerDefinition,
  known: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): void {
  if (known[identity] === given[identity]) return;
  throw refused([
    { field: identity, problem: 'is not the one stored for this account; use another account name for it' },
  ]);
}

function checked({ credentials: template }: BrokerDefinition, given: Readonly<Record<string, string>>): CheckedFields {
  if (typeof given !== 'object' || given === null) throw refused([{ field: 'fields', problem: 'must be an object' }]);
  const fields = checkFields(template, given);
  if (fields.problems.length > 0) throw refused(fields.problems);
  const present = [...Object.keys(fields.plain), ...Object.keys(fields.secrets)];
  if (methodInUse(fitOf(template, present)) === null) throw refused([{ field: 'fields', problem: waysIn(template) }]);
  return fields;
}

/** The audit is shown as it is and kept for ever: a secret must not get there by way of the reason. */
function checkReason(by: ChangedBy, secrets: SecretFields): void {
  const values = Object.values(secrets).map((secret) => secret.reveal());
  for (const field of ['actor', 'why'] as const) {
    if (values.some((value) => String(by[field] ?? '').includes(value))) {
      throw refused([{ field, problem: 'holds one of the secrets that are stored; leave it out' }]);
    }
  }
}

const refused = (problems: readonly InputProblem[]): AlgoError => new AlgoError('ALGO_INVALID_INPUT', { problems });
