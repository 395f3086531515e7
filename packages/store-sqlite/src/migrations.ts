import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely';
import type { Migration, SqliteDatabase } from 'kysely';
import { firstMigration } from './migrations/001-first.js';

/** Every migration, by the name it is remembered under. Never edit one that was published: add the next. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-first': firstMigration,
};

/** Brings the schema up to date in one transaction: all of it, or nothing. Throws what SQLite threw. */
export async function migrate(database: SqliteDatabase): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new TransactionalSqliteDialect({ database }) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error(String(error));
}

/** SQLite can undo a change of schema; kysely leaves that unused because foreign keys cannot be switched inside one. */
class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
