import { randomBytes } from 'node:crypto';
import { AlgoError } from '@algo/core/store';
import type { Store, StoreDefinition } from '@algo/core/store';
import { reading } from './at-once.js';
import { AuditLog, createAudit } from './audit.js';
import { createBrokerRemoval } from './broker-removal.js';
import { createBudgets } from './budgets.js';
import { createConfiguration } from './configuration.js';
import { createCredentials } from './credentials.js';
import { GroupCommit } from './group-commit.js';
import { createInstruments } from './instruments.js';
import { createLeases } from './leases.js';
import { migrateUp } from './migration-runner.js';
import { resolveOptions } from './options.js';
import type { ResolvedSqliteOptions, SqliteOptions } from './options.js';
import { createOrderJournal } from './order-journal.js';
import { openOwned } from './owned-database.js';
import type { OwnedDatabase } from './owned-database.js';
import { createPortfolio } from './portfolio.js';
import { SCHEMA_VERSION } from './schema.js';
import { createSealedRecords } from './sealed-records.js';
import { createSessions } from './sessions.js';
import { toOpenFailure } from './sqlite-failure.js';
import { createTransfers } from './transfers.js';

/**
 * Describes a store in one SQLite file; nothing is loaded or touched before it is opened. One owner at a time, so
 * nobody else ever changes anything: what is given to `onChange` is never called.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for options that cannot work. Opening rejects with `ALGO_DRIVER_UNSUITABLE`,
 * `ALGO_STORE_IN_USE`, `ALGO_STORE_UNUSABLE`, `ALGO_MIGRATION_NEEDED` or `ALGO_MIGRATION_FAILED`; the facets with
 * `ALGO_STORE_FAILED`, and `ALGO_CLOSED` after `close()`.
 */
export function sqlite(options: SqliteOptions): StoreDefinition {
  const resolved = resolveOptions(options);
  return { open: () => openStore(resolved) };
}

async function openStore(options: ResolvedSqliteOptions): Promise<Store> {
  const database = await openOwned(options, (opened) => bringUpToDate(opened, options));
  try {
    return assemble(database);
  } catch (error) {
    database.close();
    throw toOpenFailure(database.path, error);
  }
}

async function bringUpToDate(database: OwnedDatabase, { migrate }: ResolvedSqliteOptions): Promise<void> {
  const { path, found } = database;
  if (migrate === 'manual' && found > 0 && found < SCHEMA_VERSION) {
    throw new AlgoError('ALGO_MIGRATION_NEEDED', { store: path, found, wanted: SCHEMA_VERSION });
  }
  await migrateUp(database);
}

function assemble(database: OwnedDatabase): Store {
  const { connection } = database;
  const commits = new GroupCommit(connection);
  const audit = new AuditLog(connection, commits);
  // 96 random bits: no two openings share it, and every attempt carries it.
  const owner = randomBytes(12).toString('base64url');
  let closed = false;
  return {
    credentials: createCredentials(connection, commits, audit),
    sessions: createSessions(connection, commits),
    configuration: createConfiguration(connection, commits, audit),
    journal: createOrderJournal(connection, commits),
    portfolio: createPortfolio(connection, commits),
    instruments: createInstruments(connection, commits),
    audit: createAudit(connection, commits, audit),
    leases: createLeases(connection, commits, owner),
    budgets: createBudgets(connection, commits),
    transfers: createTransfers(connection, commits, audit),
    sealed: createSealedRecords(connection, commits),
    shared: false,
    owner,
    isOwnerAlive: async (name) => reading(commits, { owner: name }, () => name === owner),
    removeBroker: createBrokerRemoval(connection, commits, audit),
    onChange: () => () => undefined,
    async close() {
      if (closed) return;
      closed = true;
      commits.close();
      database.close();
    },
  };
}
