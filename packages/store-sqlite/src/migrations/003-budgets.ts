import type { Migration } from './migration.js';

/** What is left of each rate budget, a row per scope. Nothing is lost by going back: a budget fills up again by itself. */
export const budgetsMigration: Migration = {
  number: 3,
  name: 'budgets',
  up: [
    `CREATE TABLE budgets (
      scope TEXT NOT NULL PRIMARY KEY,
      state TEXT NOT NULL,
      expires_at_ms INTEGER NOT NULL
    ) STRICT`,
    'CREATE INDEX budgets_by_expiry ON budgets (expires_at_ms)',
  ],
  down: ['DROP TABLE budgets'],
  lost: [{ what: 'budgets', from: 'budgets' }],
};
