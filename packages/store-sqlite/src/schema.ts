import { firstMigration } from './migrations/001-first.js';
import { facetsMigration } from './migrations/002-facets.js';
import { budgetsMigration } from './migrations/003-budgets.js';
import type { Migration } from './migrations/migration.js';

/** Marks a file as ours: "ALGO" in ASCII, in the header field SQLite keeps for that. */
export const APPLICATION_ID = 0x414c474f;

/** Every step of the schema, in order. Never edit one that was published: add the next. */
export const MIGRATIONS: readonly Migration[] = [firstMigration, facetsMigration, budgetsMigration];

/** The number of the newest migration, which `user_version` of an up-to-date file holds. */
export const SCHEMA_VERSION = MIGRATIONS.length;
