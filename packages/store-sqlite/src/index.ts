/** The door: the store, what is done to its file from outside, and the types of what they take and give. */
export { sqlite } from './sqlite.js';
export { sqliteBackup } from './sqlite-backup.js';
export { sqliteMigrations } from './sqlite-migrations.js';
export type { SqliteBackupOptions } from './sqlite-backup.js';
export type { MigrationPlan, MigrationStep, SqliteMigrations, SqliteMigrationsOptions } from './sqlite-migrations.js';
export type { MigrationReport } from './migration-runner.js';
export type { SchemaDifference, SchemaReport } from './schema-check.js';
export type { Durability, IntegrityCheck, MigrateOnOpen, SqliteOptions } from './options.js';
export type { SqliteConnection, SqliteDriver, SqliteStatement } from './driver.js';
