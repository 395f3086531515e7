import type { Migration } from './migration.js';

/**
 * The tables of the first version.
 *
 * `attempts` is written twice for every order, so its layout follows what a commit costs: about 5 us for every page it
 * touches. A rowid table appends. Its two unique indexes append as well while tags and client order ids grow with
 * time (the id comes before the user, or a thousand users would be a thousand pages); random ones cost a page each. The
 * third index holds only what is not settled, states below 5, and stays a page or two. There is none for lists
 * (migration 002 adds it); `trading_days` says where a day begins.
 */
const STATEMENTS: readonly string[] = [
  `CREATE TABLE credentials (
    user_id TEXT NOT NULL,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    fields TEXT NOT NULL,
    sealed BLOB NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, broker, account)
  ) STRICT`,
  `CREATE TABLE sessions (
    user_id TEXT NOT NULL,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    expires_at_ms INTEGER,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, broker, account)
  ) STRICT`,
  `CREATE TABLE attempts (
    seq INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    trading_day TEXT NOT NULL,
    state INTEGER NOT NULL,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    tag TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    send_by_ms INTEGER,
    broker_order_id TEXT,
    detail TEXT,
    request TEXT NOT NULL
  ) STRICT`,
  'CREATE UNIQUE INDEX attempts_by_tag ON attempts (tag)',
  'CREATE UNIQUE INDEX attempts_by_command ON attempts (client_order_id, user_id, kind, number)',
  'CREATE INDEX attempts_unsettled ON attempts (user_id, broker, account) WHERE state < 5',
  `CREATE TABLE trading_days (
    trading_day TEXT NOT NULL PRIMARY KEY,
    first_seq INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE sightings (
    client_order_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    broker TEXT NOT NULL,
    account TEXT NOT NULL,
    broker_order TEXT NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    PRIMARY KEY (client_order_id, user_id)
  ) STRICT`,
];

export const firstMigration: Migration = { number: 1, name: 'first', up: STATEMENTS, down: null, lost: [] };
