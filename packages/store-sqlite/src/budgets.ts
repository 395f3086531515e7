import { checkBudgetPause, checkBudgetRequest, pauseBudget, takeFromBudget } from '@algo/core/store';
import type { BudgetRecord, BudgetStore } from '@algo/core/store';
import { together } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { SYSTEM_CLOCK } from './leases.js';
import type { LeaseClock } from './leases.js';
import { asRow, integer, text } from './row.js';

/** Takes between two looks for scopes that may go. */
const TAKES_BETWEEN = 1_024;

/**
 * Budgets of a file that one process at a time has open.
 *
 * Their clock is the wall clock of the moment the file was opened, moved on by the monotonic one: a step of the wall
 * clock gives nobody a place too early, and holds nobody up.
 */
export function createBudgets(
  connection: SqliteConnection,
  commits: GroupCommit,
  clock: LeaseClock = SYSTEM_CLOCK,
): BudgetStore {
  const read = connection.prepare('SELECT state, expires_at_ms FROM budgets WHERE scope = ?');
  const write = connection.prepare(
    `INSERT INTO budgets (scope, state, expires_at_ms) VALUES (@scope, @state, @expiresAtMs)
     ON CONFLICT (scope) DO UPDATE SET state = excluded.state, expires_at_ms = excluded.expires_at_ms`,
  );
  const forget = connection.prepare('DELETE FROM budgets WHERE expires_at_ms <= ?');
  const startedAtMs = clock.nowMs() - clock.monotonicMs();
  const nowMs = (): number => startedAtMs + clock.monotonicMs();
  let takes = 0;

  const recordOf = (scope: string): BudgetRecord | null => {
    const [value] = read.all(scope);
    if (value === undefined) return null;
    const row = asRow(value);
    return { state: text(row, 'state'), expiresAtMs: integer(row, 'expires_at_ms') };
  };

  return {
    async take(request) {
      checkBudgetRequest(request);
      const { scope } = request;
      return together(commits, { scope }, () => {
        if (takes++ % TAKES_BETWEEN === 0) forget.run(Math.floor(nowMs()));
        const { record, grant } = takeFromBudget(recordOf(scope), request, nowMs());
        write.run({ scope, ...record });
        return grant;
      });
    },

    async pause(scope, forMs) {
      checkBudgetPause(scope, forMs);
      together(commits, { scope }, () => write.run({ scope, ...pauseBudget(recordOf(scope), forMs, nowMs()) }));
    },
  };
}
