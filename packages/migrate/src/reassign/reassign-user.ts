import { systemClock } from '@algo/core';
import type { KeyProvider } from '@algo/core';
import { AlgoError, resealCredential } from '@algo/core/store';
import type { AuditEntry, CredentialRecord, Reassignment, Store } from '@algo/core/store';
import type { Change } from '../import/run-import.js';

export interface ReassignOptions extends Change {
  readonly from: string;
  readonly to: string;
  /** Opens the credentials of `from` and seals them for `to`; whatever opens the store's other rows. */
  readonly keys: KeyProvider;
}

/** What would change hands, as far as it can be counted from outside. */
export interface ReassignmentPlan {
  readonly credentials: readonly string[];
  readonly configuration: number;
  readonly orders: number;
  readonly fills: number;
  readonly imports: number;
  /** What `to` has already; a reassignment needs a user without anything. */
  readonly inTheWay: readonly string[];
}

/** All there are; the largest number every database takes for a limit. */
const ALL = 2_147_483_647;

/** Counts what `reassignUser` would move. Writes nothing. */
export async function planReassignment(store: Store, from: string, to: string): Promise<ReassignmentPlan> {
  const { credentials, configuration, journal, transfers } = store;
  return {
    credentials: (await credentials.list(from)).map(({ broker, account }) => `${broker}/${account}`),
    configuration: (await configuration.list(from)).length,
    orders: (await journal.orders(from, { limit: ALL })).length,
    fills: (await journal.fills(from, { limit: ALL })).length,
    imports: (await transfers.listImports(from)).length,
    inTheWay: await inTheWay(store, to),
  };
}

async function inTheWay(
  { credentials, configuration, journal, transfers }: Store,
  to: string,
): Promise<readonly string[]> {
  const found = {
    credentials: (await credentials.list(to)).length,
    configuration: (await configuration.list(to)).length,
    attempts: (await journal.list(to, { limit: 1 })).length,
    orders: (await journal.orders(to, { limit: 1 })).length,
    fills: (await journal.fills(to, { limit: 1 })).length,
    imports: (await transfers.listImports(to)).length,
  };
  return Object.entries(found).flatMap(([name, count]) => (count === 0 ? [] : [name]));
}

/**
 * Hands everything of one user to another, in one transaction: what was imported for a first, default user becomes the
 * rows of the person they belong to. Sessions are dropped, so each account logs in again. Audit rows stay with `from`;
 * both users get one that says what happened.
 *
 * No process may be trading for either user.
 *
 * @throws {AlgoError} `ALGO_STORE_CONFLICT` when `to` has anything already or an order of `from` is not at its end;
 * `ALGO_UNDECRYPTABLE` when a credential cannot be opened. Then nothing has moved.
 */
export async function reassignUser(store: Store, options: ReassignOptions): Promise<Reassignment> {
  const { from, to } = options;
  if (from === to) {
    throw new AlgoError('ALGO_INVALID_INPUT', {
      problems: [{ field: 'to', problem: 'must be another user than from' }],
    });
  }
  const records = await resealAll(store, options);
  return store.transfers.reassign(from, to, records, auditOf(options, records));
}

async function resealAll(store: Store, { from, to, keys }: ReassignOptions): Promise<readonly CredentialRecord[]> {
  const records: CredentialRecord[] = [];
  for (const { broker, account } of await store.credentials.list(from)) {
    const record = await store.credentials.get({ userId: from, broker, account });
    if (record !== null) records.push(await resealCredential(keys, record, { userId: to, version: record.version }));
  }
  return records;
}

function auditOf(
  { from, to, actor = from, why, clock = systemClock() }: ReassignOptions,
  records: readonly CredentialRecord[],
): readonly AuditEntry[] {
  const common = { atMs: Math.floor(clock.now()), actor, why: why ?? null };
  const accounts = JSON.stringify({ credentials: records.map(({ broker, account }) => `${broker}/${account}`) });
  return [
    { ...common, userId: from, action: 'user-handed-over', subject: to, before: accounts, after: null },
    { ...common, userId: to, action: 'user-taken-over', subject: from, before: null, after: accounts },
  ];
}
