import Database from 'better-sqlite3';
import type { SqliteDriver } from '@algo/store-sqlite';

/** A driver that says `onStep(n)` before and after everything that may write, and in the middle of a copy. */
export function stepCounter(onStep: (step: number) => void): { readonly driver: SqliteDriver; steps(): number } {
  let steps = 0;
  const step = (): void => onStep(steps++);
  const driver = class extends Database {
    override exec(sql: string): this {
      step();
      const done = super.exec(sql);
      step();
      return done;
    }

    override async backup(to: string): Promise<Database.BackupMetadata> {
      step();
      const done = await super.backup(to, {
        progress: () => {
          step();
          return 4;
        },
      });
      step();
      return done;
    }

    override close(): this {
      step();
      const done = super.close();
      step();
      return done;
    }
  };
  return { driver, steps: () => steps };
}
