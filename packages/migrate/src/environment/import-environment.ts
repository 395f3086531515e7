import { systemClock } from '@algo/core';
import type { BrokerDefinition, ChangedBy, ConnectionRef, CredentialDesk, KeyProvider } from '@algo/core';
import { AlgoError, isAlgoError, resealCredential } from '@algo/core/store';
import type { AccountKey, AuditEntry, CredentialRecord, Store } from '@algo/core/store';
import type { Change } from '../import/run-import.js';
import { detectEnvironment, valuesOf } from './detect-environment.js';
import type { EnvironmentNames, FoundCredentials } from './detect-environment.js';
import type { EnvironmentSource } from './variables.js';

export interface EnvironmentImport extends Change {
  readonly source: EnvironmentSource;
  readonly brokers: readonly BrokerDefinition[];
  readonly names?: EnvironmentNames;
  readonly userId: string;
  /** The user's desk, `algo.user(userId).credentials`: it checks, seals and writes the audit. */
  readonly credentials: Pick<CredentialDesk, 'put' | 'delete'>;
  /** The store that desk writes to. */
  readonly store: Store;
  /** The keys of that desk: what was there before is sealed once more if it has to come back. */
  readonly keys: KeyProvider;
  /** Rejects when the credentials do not work, for example `(ref) => me.establishConnection(ref)`. Null: not tried. */
  readonly probe: ((ref: ConnectionRef) => Promise<unknown>) | null;
}

/** What became of one account. */
export interface ImportedCredentials {
  readonly found: FoundCredentials;
  /**
   * `stored`: and the probe went well, if there was one. `incomplete`: no way to log in is possible with what is there,
   * or a field is malformed. `refused`: they were not stored. `rolled-back`: the probe failed, and all is as before.
   */
  readonly outcome: 'stored' | 'incomplete' | 'refused' | 'rolled-back';
  /** Why, in words without a secret; null when stored. */
  readonly why: string | null;
}

/**
 * Stores the credentials that an environment has, account by account, and tries each of them. One that does not work is
 * taken away again, and what was stored before it is put back.
 *
 * Other brokers are imported whatever becomes of one.
 */
export async function importEnvironment(options: EnvironmentImport): Promise<readonly ImportedCredentials[]> {
  const { source, brokers, names = {} } = options;
  const imported: ImportedCredentials[] = [];
  for (const found of detectEnvironment(source, brokers, names)) imported.push(await importOne(found, options));
  return imported;
}

async function importOne(found: FoundCredentials, options: EnvironmentImport): Promise<ImportedCredentials> {
  if (found.method === null) return { found, outcome: 'incomplete', why: whyIncomplete(found) };
  const { broker, account } = found;
  const key: AccountKey = { userId: options.userId, broker, account };
  const before = await options.store.credentials.get(key);
  try {
    // What cannot be opened could not be put back: it has to be mended or deleted first.
    if (before !== null) await resealCredential(options.keys, before, before);
    await options.credentials.put(broker, account, fieldsOf(found, options), changedBy(options));
  } catch (error) {
    return { found, outcome: 'refused', why: textOf(error) };
  }
  const failure = await tried(found, options);
  if (failure === null) return { found, outcome: 'stored', why: null };
  await putBack(key, before, options);
  return { found, outcome: 'rolled-back', why: failure };
}

const whyIncomplete = ({ fields, methods }: FoundCredentials): string => {
  const malformed = fields.filter(({ state }) => state === 'malformed').map(({ variable }) => variable);
  if (malformed.length > 0) return `${malformed.join(', ')} ${malformed.length === 1 ? 'does' : 'do'} not look right`;
  return `no way to log in is complete: ${methods.map(({ label, lacks }) => `${label} lacks ${lacks.join(', ')}`).join('; ')}`;
};

function fieldsOf({ broker, account }: FoundCredentials, options: EnvironmentImport): Readonly<Record<string, string>> {
  const { source, brokers, names = {} } = options;
  const definition = brokers.find(({ id }) => id === broker);
  return definition === undefined ? {} : valuesOf(source, definition, names.accounts?.[account] ?? '', names);
}

/** Why the probe failed; null when it did not. */
async function tried({ broker, account }: FoundCredentials, { probe }: EnvironmentImport): Promise<string | null> {
  try {
    await probe?.({ broker, account });
    return null;
  } catch (error) {
    return textOf(error);
  }
}

/** Errors of this SDK hold no secret. What others say is not repeated: it might. */
const textOf = (error: unknown): string => (isAlgoError(error) ? error.message : 'it failed in an unexpected way');

async function putBack(key: AccountKey, before: CredentialRecord | null, options: EnvironmentImport): Promise<void> {
  const { broker, account } = key;
  if (before === null) {
    await options.credentials.delete(broker, account, changedBy(options));
    return;
  }
  const { store, keys, clock = systemClock() } = options;
  const now = await store.credentials.get(key);
  const version = (now ?? before).version + 1;
  const restored = await resealCredential(keys, before, { userId: key.userId, version });
  const record = { ...restored, updatedAtMs: Math.floor(clock.now()) };
  await store.sessions.delete(key); // whatever session the other credentials got
  if (await store.credentials.put(record, now?.version ?? null, auditOf(key, options, record))) return;
  throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The credentials of ${broker}/${account}` });
}

const changedBy = ({ actor, why }: EnvironmentImport): ChangedBy => ({
  ...(actor === undefined ? {} : { actor }),
  ...(why === undefined ? {} : { why }),
});

const auditOf = (
  { userId, broker, account }: AccountKey,
  { actor = userId, why }: EnvironmentImport,
  { updatedAtMs, fields, version }: CredentialRecord,
): AuditEntry => ({
  userId,
  atMs: updatedAtMs,
  actor,
  action: 'credentials-restored',
  subject: `${broker}/${account}`,
  why: why ?? 'the credentials that were imported did not work',
  before: null,
  after: JSON.stringify({ ...fields, version }),
});
