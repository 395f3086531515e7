import assert from 'node:assert/strict';
import { ATTEMPT_STATES } from '@algo/core/store';
import type { AttemptRow, Lease, Store } from '@algo/core/store';
import {
  accountOf,
  attempt,
  AT_MS,
  configuration,
  credential,
  entry,
  fill,
  holdings,
  positions,
  session,
  sighting,
} from './rows.js';

/** A user with a row in every facet. All users' rows are alike but for the user, and the tag, which is the store's. */
export interface UserData {
  readonly userId: string;
  readonly tag: string;
}

export const LEASE_NAME = 'session/dhan/main';
export const IMPORT_ID = 'import-1';

/** How long the leases of these users last: longer than any test. */
const LONG_MS = 3_600_000;

export async function write(store: Store, user: UserData): Promise<Lease> {
  const { userId } = user;
  const { credential, session, configuration, attempt, seen, filled, snapshots, imported } = rowsOf(user);
  assert.ok(await store.credentials.put(credential, null, entry({ userId })), 'the credential was not written');
  assert.ok(await store.sessions.put(session, null), 'the session was not written');
  assert.ok(await store.configuration.put(configuration, null), 'the configuration was not written');
  assert.deepEqual(await store.journal.add(attempt), { kind: 'added' });
  await store.journal.saveSighting(seen);
  assert.equal(await store.journal.addFills([filled]), 1);
  for (const snapshot of snapshots) await store.portfolio.save(snapshot);
  assert.deepEqual(await store.transfers.import(imported), { orders: 1, fills: 1, snapshots: 1 });
  const lease = await store.leases.acquire({ userId, name: LEASE_NAME }, 'process-1', LONG_MS);
  assert.ok(lease, 'the lease was not given');
  return lease;
}

/** Every read of every facet that is about a user. */
export async function read(store: Store, { userId, tag }: UserData) {
  const key = accountOf(userId);
  const { credentials, sessions, configuration, journal, portfolio, audit, leases, transfers } = store;
  const lease = await leases.get({ userId, name: LEASE_NAME });
  return {
    credential: await credentials.get(key),
    credentials: await credentials.list(userId),
    session: await sessions.get(key),
    sessions: await sessions.list(userId),
    configuration: await configuration.get(userId, 'broker/dhan'),
    configurations: await configuration.list(userId),
    byTag: await journal.byTag(userId, tag),
    attempts: await journal.attemptsOf(userId, 'c1'),
    inState: await journal.inState(key, ATTEMPT_STATES),
    listed: await journal.list(userId, { limit: 10 }),
    sighting: await journal.sighting(userId, 'c1'),
    orders: await journal.orders(userId, { limit: 10 }),
    importedOrders: await journal.orders(userId, { limit: 10, importId: IMPORT_ID }),
    fills: await journal.fills(userId, { limit: 10 }),
    fillsOfOrder: await journal.fills(userId, { limit: 10, clientOrderId: 'c1' }),
    positions: await portfolio.latest(key, 'positions'),
    positionsTaken: await portfolio.list(key, 'positions', { limit: 10 }),
    holdings: await portfolio.latest(key, 'holdings'),
    audit: (await audit.list(userId, { limit: 10 })).map(({ seq: _seq, ...said }) => said),
    lease: lease && { owner: lease.owner, epoch: lease.epoch },
    imports: await transfers.listImports(userId),
  };
}

/** What a user who was written reads. */
export function expected(user: UserData): Awaited<ReturnType<typeof read>> {
  const { credential, session, configuration, attempt, seen, filled, snapshots, imported } = rowsOf(user);
  const { sealed: _credential, ...credentialSummary } = credential;
  const { sealed: _session, ...sessionSummary } = session;
  const { importId, source, atMs } = imported;
  return {
    credential,
    credentials: [credentialSummary],
    session,
    sessions: [sessionSummary],
    configuration,
    configurations: [configuration],
    byTag: attempt,
    attempts: [attempt],
    inState: [attempt],
    listed: [attempt],
    sighting: seen,
    orders: [...imported.orders, seen],
    importedOrders: imported.orders,
    fills: [...imported.fills, filled],
    fillsOfOrder: [filled],
    positions: snapshots[0],
    positionsTaken: [snapshots[0], ...imported.snapshots],
    holdings: snapshots[1],
    audit: [entry({ userId: user.userId })],
    lease: { owner: 'process-1', epoch: 1 },
    imports: [{ importId, source, atMs, orders: 1, fills: 1, snapshots: 1 }],
  };
}

/** What a user without a row reads. */
export const NOTHING: Awaited<ReturnType<typeof read>> = {
  credential: null,
  credentials: [],
  session: null,
  sessions: [],
  configuration: null,
  configurations: [],
  byTag: null,
  attempts: [],
  inState: [],
  listed: [],
  sighting: null,
  orders: [],
  importedOrders: [],
  fills: [],
  fillsOfOrder: [],
  positions: null,
  positionsTaken: [],
  holdings: null,
  audit: [],
  lease: null,
  imports: [],
};

/** Its order is at an end, so that it may change hands. */
const settledAttempt = ({ userId, tag }: UserData): AttemptRow =>
  attempt({ userId, tag, state: 'ACKNOWLEDGED', brokerOrderId: '112111182045' });

function rowsOf(user: UserData) {
  const { userId } = user;
  const ofImport = { userId, importId: IMPORT_ID };
  return {
    credential: credential({ userId }),
    session: session({ userId }),
    configuration: configuration({ userId }),
    attempt: settledAttempt(user),
    seen: sighting({ userId }),
    filled: fill({ userId }),
    snapshots: [positions({ userId }), holdings({ userId })] as const,
    imported: {
      ...ofImport,
      source: 'trades_history.json',
      atMs: AT_MS,
      orders: [sighting({ ...ofImport, clientOrderId: 'imported-1' })],
      fills: [fill({ ...ofImport, clientOrderId: 'imported-1' }, { tradeId: 'imported-1' })],
      snapshots: [positions({ ...ofImport, takenAtMs: AT_MS - 1 })],
    },
  };
}
