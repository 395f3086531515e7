import { dropTables } from './migration.js';
import type { Migration } from './migration.js';

const TABLES = ['budgets'];

/**
 * What is left of each rate budget: a row per account or egress address and kind of call, so it belongs to no user. The
 * scope holds a user's id, which may be long: as in the users' tables the key is its SHA-256.
 */
export const budgetsMigration: Migration = {
  number: 4,
  name: 'budgets',
  userTables: [],
  otherTables: TABLES,
  up: (schema) => [
    `CREATE TABLE ${schema}.budgets (
      scope_key bytea NOT NULL PRIMARY KEY,
      scope text NOT NULL,
      state text NOT NULL,
      expires_at_ms bigint NOT NULL
    )`,
    `CREATE INDEX budgets_by_expiry ON ${schema}.budgets (expires_at_ms)`,
  ],
  down: (schema) => dropTables(schema, TABLES),
};
