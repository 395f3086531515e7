/** The door: the store, its migrations, and what a role has to be granted. */
export { postgres } from './postgres.js';
export type { PostgresOptions, PostgresTarget } from './options.js';
export type { PostgresClient, PostgresNotification, PostgresPool, PostgresQuery, PostgresResult } from './driver.js';
export { postgresGrants } from './grants.js';
export type { PostgresGrantsOptions } from './grants.js';
export { postgresMigrations } from './postgres-migrations.js';
export type {
  PostgresMigrationPlan,
  PostgresMigrations,
  PostgresMigrationsOptions,
  Verification,
} from './postgres-migrations.js';
export type { MigrationPlan, MigrationStep } from './migrations.js';
