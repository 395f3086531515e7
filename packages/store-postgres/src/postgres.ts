import { AlgoError } from '@algo/core/store';
import type { SealedRecords, Store, StoreDefinition } from '@algo/core/store';
import { createAudit } from './audit.js';
import { createBrokerRemoval } from './broker-removal.js';
import { createBudgets } from './budgets.js';
import { ChangeFeed } from './change-feed.js';
import { createConfiguration } from './configuration.js';
import { createCredentials } from './credentials.js';
import { Database } from './database.js';
import { createPool } from './driver.js';
import { createInstruments } from './instruments.js';
import { JournalMemory } from './journal-memory.js';
import { JournalWriter } from './journal-writer.js';
import { createLeases } from './leases.js';
import { prepareDatabase } from './open-database.js';
import { resolveOptions } from './options.js';
import type { PostgresOptions, PostgresTarget, ResolvedPostgresOptions } from './options.js';
import { createOrderJournal } from './order-journal.js';
import { isOwnerAlive, newOwner } from './owners.js';
import { createPortfolio } from './portfolio.js';
import { toOpenFailure } from './postgres-failure.js';
import { createReassignment } from './reassignment.js';
import { createSealedRecords } from './sealed-records.js';
import { createSessions } from './sessions.js';
import { createTransfers } from './transfers.js';

/**
 * Describes a store in a PostgreSQL database, for any number of processes at once; nothing is loaded or connected before
 * it is opened.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for options that cannot work. Opening rejects with `ALGO_DRIVER_UNSUITABLE`,
 * `ALGO_STORE_UNUSABLE`, `ALGO_MIGRATION_NEEDED` or `ALGO_MIGRATION_FAILED`; the facets with `ALGO_STORE_FAILED`, and
 * `ALGO_CLOSED` after `close()`.
 */
export function postgres(options: PostgresOptions): StoreDefinition {
  const resolved = resolveOptions(options);
  return { open: () => openStore(resolved) };
}

async function openStore(options: ResolvedPostgresOptions): Promise<Store> {
  const db = await databaseAt(options.target, options);
  const owner = newOwner();
  const feed = new ChangeFeed(db, owner);
  const memory = new JournalMemory(db);
  const writer = new JournalWriter(db, memory, () => feed.emit({ kind: 'journal-went-back' }));
  const budgets = createBudgets(db);
  const closeAll = async (): Promise<void> => {
    await writer.close();
    await db.stop();
    await feed.close();
    await db.close();
  };
  try {
    await prepareDatabase(db, options);
    await feed.start();
    await writer.start();
    await budgets.forgetExpired();
  } catch (error) {
    await closeAll();
    throw toOpenFailure(options.path, error);
  }
  const operator = await operatorDatabase(db, options);
  let closing: Promise<void> | undefined;
  return {
    credentials: createCredentials(db, feed),
    sessions: createSessions(db, feed),
    configuration: createConfiguration(db, feed),
    journal: createOrderJournal(db, writer, memory),
    portfolio: createPortfolio(db),
    instruments: createInstruments(db),
    audit: createAudit(db),
    leases: createLeases(db, feed),
    budgets,
    transfers: createTransfers(db, operator === null ? notWithoutOperator(db) : createReassignment(operator, feed)),
    sealed: operator === null ? noSealedRecords(db) : createSealedRecords(operator),
    shared: true,
    owner,
    isOwnerAlive: (other) => isOwnerAlive(db, owner, other),
    removeBroker: createBrokerRemoval(db, feed),
    onChange: (listener) => feed.subscribe(listener),
    close: () => (closing ??= closeAll().then(() => (operator === db ? undefined : operator?.close()))),
  };
}

async function databaseAt(target: PostgresTarget, options: ResolvedPostgresOptions): Promise<Database> {
  const pool = target.pool ?? (await createPool(target.connectionString, options.connections + KEPT_CONNECTIONS));
  return new Database(pool, target.pool === undefined, options);
}

/** The one that listens, and the one that writes the journal. */
const KEPT_CONNECTIONS = 2;

/** Where the rows of all users are seen; null when nowhere. */
async function operatorDatabase(db: Database, options: ResolvedPostgresOptions): Promise<Database | null> {
  if (!options.rowLevelSecurity) return db;
  if (options.operator === null) return null;
  return databaseAt(options.operator, { ...options, rowLevelSecurity: false });
}

/** Row-level security would show no rows, and a change of keys that found none would look done. */
function noSealedRecords(db: Database): SealedRecords {
  const refuse = notWithoutOperator(db);
  return { page: refuse, replace: refuse };
}

const notWithoutOperator = (db: Database) => async (): Promise<never> => {
  db.checkOpen();
  throw new AlgoError('ALGO_STORE_FAILED', {
    what: 'reaching the rows of all users',
    why: 'row-level security hides them from this role; open the store with the operator option',
  });
};
