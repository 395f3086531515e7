import { AlgoError } from '../errors/algo-error.js';
import type { CredentialRecord, CredentialStore } from '../contract/credential-store.js';
import type { AttemptRow, OrderJournal, OrderSighting } from '../contract/order-journal.js';
import type { SessionRecord, SessionStore } from '../contract/session-store.js';
import type { AccountKey, Store, StoreDefinition } from '../contract/store.js';

/**
 * All facets in memory: the reference for what a store must do, and enough for tests. It forgets everything when the
 * process ends, the order journal too, so it cannot keep the promise about restarts: never trade with it.
 */
export function memoryStore(): StoreDefinition {
  const store: Store = {
    credentials: memoryCredentials(),
    sessions: memorySessions(),
    journal: memoryJournal(),
    close: async () => undefined,
  };
  return { open: async () => store };
}

/** No part may contain the separator: JSON keeps `a:b` + `c` apart from `a` + `b:c`. */
const keyOf = ({ userId, broker, account }: AccountKey): string => JSON.stringify([userId, broker, account]);

interface Versioned extends AccountKey {
  readonly version: number;
}

function putVersioned<Row extends Versioned>(rows: Map<string, Row>, row: Row): boolean {
  const current = rows.get(keyOf(row))?.version ?? 0;
  if (row.version !== current + 1) return false;
  rows.set(keyOf(row), row);
  return true;
}

function memoryCredentials(): CredentialStore {
  const rows = new Map<string, CredentialRecord>();
  return {
    get: async (key) => rows.get(keyOf(key)) ?? null,
    put: async (record) => putVersioned(rows, record),
    list: async (userId) =>
      [...rows.values()].filter((row) => row.userId === userId).map(({ sealed: _sealed, ...summary }) => summary),
    delete: async (key) => rows.delete(keyOf(key)),
  };
}

function memorySessions(): SessionStore {
  const rows = new Map<string, SessionRecord>();
  return {
    get: async (key) => rows.get(keyOf(key)) ?? null,
    put: async (record) => putVersioned(rows, record),
    delete: async (key) => rows.delete(keyOf(key)),
  };
}

function memoryJournal(): OrderJournal {
  const byTag = new Map<string, AttemptRow>();
  const byCommand = new Map<string, AttemptRow[]>();
  const sightings = new Map<string, OrderSighting>();
  const orderKey = (userId: string, clientOrderId: string): string => JSON.stringify([userId, clientOrderId]);

  const replace = (row: AttemptRow): void => {
    byTag.set(row.tag, row);
    const rows = byCommand.get(orderKey(row.userId, row.clientOrderId)) ?? [];
    const at = rows.findIndex(({ tag }) => tag === row.tag);
    if (at === -1) rows.push(row);
    else rows[at] = row;
    byCommand.set(orderKey(row.userId, row.clientOrderId), rows);
  };

  return {
    async add(row) {
      const rows = byCommand.get(orderKey(row.userId, row.clientOrderId)) ?? [];
      const twin = rows.find(({ kind, number }) => kind === row.kind && number === row.number);
      if (twin) return { kind: 'exists', row: twin };
      if (byTag.has(row.tag)) throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The tag of a new attempt' });
      replace(row);
      return { kind: 'added' };
    },
    async move({ tag, userId, from, to, atMs, ...changes }) {
      const row = byTag.get(tag);
      if (row === undefined || row.userId !== userId || row.state !== from) return false;
      replace({ ...row, ...changes, state: to, updatedAtMs: atMs });
      return true;
    },
    attemptsOf: async (userId, clientOrderId) => [...(byCommand.get(orderKey(userId, clientOrderId)) ?? [])],
    async byTag(userId, tag) {
      const row = byTag.get(tag);
      return row?.userId === userId ? row : null;
    },
    inState: async (key, states) =>
      [...byTag.values()].filter((row) => keyOf(row) === keyOf(key) && states.includes(row.state)),
    list: async (userId, { tradingDay, limit }) =>
      [...byTag.values()]
        .filter((row) => row.userId === userId && row.kind === 'place')
        .filter((row) => tradingDay === undefined || row.tradingDay === tradingDay)
        .reverse()
        .slice(0, limit),
    async saveSighting(sighting) {
      sightings.set(orderKey(sighting.userId, sighting.clientOrderId), sighting);
    },
    sighting: async (userId, clientOrderId) => sightings.get(orderKey(userId, clientOrderId)) ?? null,
  };
}
