import type { SqliteConnection, SqliteDriver, SqliteStatement } from '@algo/store-sqlite';
import Database from 'better-sqlite3';

/** A driver that offers what every driver has to, and no more. Tells of each statement it is asked to prepare. */
export const plainDriver = (onPrepare: (sql: string) => void = () => undefined): SqliteDriver =>
  class implements SqliteConnection {
    readonly #database: Database.Database;

    constructor(file: string, options: Database.Options) {
      this.#database = new Database(file, options);
    }

    get inTransaction(): boolean {
      return this.#database.inTransaction;
    }

    prepare(sql: string): SqliteStatement {
      onPrepare(sql);
      return this.#database.prepare(sql);
    }

    exec(sql: string): void {
      this.#database.exec(sql);
    }

    close(): void {
      this.#database.close();
    }
  };
