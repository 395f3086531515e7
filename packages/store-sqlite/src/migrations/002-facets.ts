import type { Migration } from './migration.js';

/**
 * Configuration, fills, snapshots, instruments, audit, leases and imports; who has an attempt; where a sighting came from.
 *
 * `owner` is added behind the last column of `attempts`, which rewrites no row, and no index holds it. The one new index
 * of that table is for lists: a list among a million rows of ten thousand users walked half of them without it. A row
 * enters it when it is settled, so that nothing is added to the commit that an order waits for before it is sent; until
 * then `attempts_unsettled` finds it. Measured with 100 orders of 1,000 users in a flush: an index of all rows made
 * adding one 1.6 times as dear (20 to 32 us), this one 1.15 times, as much as `owner` alone.
 *
 * Tables whose rows are listed in the order they came have a `seq`, or the rowid, for it. `instruments` is a rowid table:
 * without one, loading was a quarter slower, and looking up a symbol a thousand times, until ANALYZE was run.
 */
export const facetsMigration: Migration = {
  number: 2,
  name: 'facets',
  up: [
    "ALTER TABLE attempts ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
    'CREATE INDEX attempts_settled ON attempts (user_id) WHERE state >= 5',
    'ALTER TABLE sightings ADD COLUMN import_id TEXT',
    'CREATE INDEX sightings_by_user ON sightings (user_id)',
    'CREATE INDEX sightings_by_import ON sightings (user_id, import_id) WHERE import_id IS NOT NULL',
    'CREATE INDEX credentials_by_broker ON credentials (broker)',
    `CREATE TABLE configuration (
      user_id TEXT NOT NULL,
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      value TEXT NOT NULL,
      updated_at_ms INTEGER NOT NULL,
      PRIMARY KEY (user_id, name)
    ) STRICT`,
    `CREATE TABLE fills (
      seq INTEGER PRIMARY KEY,
      user_id TEXT NOT NULL,
      broker TEXT NOT NULL,
      account TEXT NOT NULL,
      trade_id TEXT NOT NULL,
      client_order_id TEXT,
      trade TEXT NOT NULL,
      import_id TEXT
    ) STRICT`,
    'CREATE UNIQUE INDEX fills_by_trade ON fills (user_id, broker, account, trade_id)',
    'CREATE INDEX fills_by_user ON fills (user_id)',
    'CREATE INDEX fills_by_order ON fills (client_order_id, user_id) WHERE client_order_id IS NOT NULL',
    'CREATE INDEX fills_by_import ON fills (user_id, import_id) WHERE import_id IS NOT NULL',
    `CREATE TABLE snapshots (
      user_id TEXT NOT NULL,
      broker TEXT NOT NULL,
      account TEXT NOT NULL,
      kind TEXT NOT NULL,
      taken_at_ms INTEGER NOT NULL,
      rows TEXT NOT NULL,
      import_id TEXT,
      PRIMARY KEY (user_id, broker, account, kind, taken_at_ms)
    ) STRICT`,
    'CREATE INDEX snapshots_by_import ON snapshots (user_id, import_id) WHERE import_id IS NOT NULL',
    `CREATE TABLE instruments (
      seq INTEGER PRIMARY KEY,
      broker TEXT NOT NULL,
      instrument TEXT NOT NULL,
      segment TEXT NOT NULL,
      token TEXT NOT NULL,
      symbol TEXT NOT NULL,
      name TEXT NOT NULL,
      isin TEXT,
      lot_size INTEGER NOT NULL,
      tick INTEGER NOT NULL,
      freeze_quantity INTEGER
    ) STRICT`,
    'CREATE UNIQUE INDEX instruments_by_contract ON instruments (broker, instrument)',
    'CREATE UNIQUE INDEX instruments_by_token ON instruments (broker, segment, token)',
    `CREATE TABLE instrument_masters (
      broker TEXT NOT NULL PRIMARY KEY,
      rows INTEGER NOT NULL,
      first_seq INTEGER NOT NULL,
      source TEXT NOT NULL,
      loaded_at_ms INTEGER NOT NULL,
      loaded_by TEXT NOT NULL
    ) STRICT`,
    `CREATE TABLE audit (
      seq INTEGER PRIMARY KEY,
      user_id TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      actor TEXT NOT NULL,
      action TEXT NOT NULL,
      subject TEXT NOT NULL,
      why TEXT,
      before TEXT,
      after TEXT
    ) STRICT`,
    'CREATE INDEX audit_by_user ON audit (user_id)',
    'CREATE INDEX audit_by_subject ON audit (user_id, subject)',
    `CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END`,
    `CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'audit entries are never taken away'); END`,
    `CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN NEW.seq IN (SELECT seq FROM audit)
      BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END`,
    `CREATE TABLE leases (
      user_id TEXT NOT NULL,
      name TEXT NOT NULL,
      owner TEXT,
      epoch INTEGER NOT NULL,
      expires_at_ms INTEGER NOT NULL,
      keeper TEXT NOT NULL,
      until_ms INTEGER NOT NULL,
      PRIMARY KEY (user_id, name)
    ) STRICT`,
    `CREATE TABLE imports (
      seq INTEGER PRIMARY KEY,
      user_id TEXT NOT NULL,
      import_id TEXT NOT NULL,
      source TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      orders INTEGER NOT NULL,
      fills INTEGER NOT NULL,
      snapshots INTEGER NOT NULL
    ) STRICT`,
    'CREATE UNIQUE INDEX imports_by_id ON imports (user_id, import_id)',
    // The migrator of version 0.1.0 kept its notes in the file; `user_version` says the same.
    'DROP TABLE IF EXISTS kysely_migration',
    'DROP TABLE IF EXISTS kysely_migration_lock',
  ],
  down: [
    'DROP TABLE imports',
    'DROP TABLE leases',
    'DROP TABLE audit',
    'DROP TABLE instrument_masters',
    'DROP TABLE instruments',
    'DROP TABLE snapshots',
    'DROP TABLE fills',
    'DROP TABLE configuration',
    'DROP INDEX credentials_by_broker',
    'DROP INDEX sightings_by_import',
    'DROP INDEX sightings_by_user',
    'ALTER TABLE sightings DROP COLUMN import_id',
    'DROP INDEX attempts_settled',
    'ALTER TABLE attempts DROP COLUMN owner',
  ],
  lost: [
    { what: 'configuration', from: 'configuration' },
    { what: 'fills', from: 'fills' },
    { what: 'snapshots', from: 'snapshots' },
    { what: 'instruments', from: 'instruments' },
    { what: 'instrument_masters', from: 'instrument_masters' },
    { what: 'audit', from: 'audit' },
    { what: 'leases', from: 'leases' },
    { what: 'imports', from: 'imports' },
    { what: 'sightings.import_id', from: 'sightings WHERE import_id IS NOT NULL' },
    { what: 'attempts.owner', from: "attempts WHERE owner <> ''" },
  ],
};
