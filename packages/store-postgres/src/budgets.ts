import { hash } from 'node:crypto';
import { checkBudgetPause, checkBudgetRequest, pauseBudget, takeFromBudget } from '@algo/core/store';
import type { BudgetRecord, BudgetStore } from '@algo/core/store';
import type { Database, Run } from './database.js';
import { storedText } from './keys.js';
import { NOW_MS } from './leases.js';
import { integer, text } from './row.js';
import { statement } from './statement.js';

/** Takes between two looks for scopes that may go. */
const TAKES_BETWEEN = 1_024;

/** How long a process that froze with a row in its hands may keep it from the others. */
const FROZEN_MS = 1_000;

export interface Budgets extends BudgetStore {
  /** Takes away the rows in which nothing counts any more. */
  forgetExpired(): Promise<void>;
}

/**
 * Budgets by the server's clock, one row each: whoever takes from it holds its lock, so takes of one scope stand in
 * line at the server, whichever process they come from, and those of others do not wait.
 */
export function createBudgets(db: Database): Budgets {
  const table = `${db.schema}.budgets`;
  // The clock is read outside the locking part, and therefore after the wait for the lock: a moment before it would
  // look like a clock that went back behind the last taker's.
  const lock = statement(
    'budgets lock',
    `WITH locked AS MATERIALIZED (SELECT state, expires_at_ms FROM ${table} WHERE scope_key = $1 FOR UPDATE)
     SELECT state, expires_at_ms, ${NOW_MS} AS now_ms,
       set_config('idle_in_transaction_session_timeout', '${FROZEN_MS}', true) AS idle FROM locked`,
  );
  const begin = statement(
    'budgets begin',
    `INSERT INTO ${table} (scope_key, scope, state, expires_at_ms) VALUES ($1, $2, '', 0) ON CONFLICT DO NOTHING`,
  );
  const write = statement('budgets write', `UPDATE ${table} SET state = $2, expires_at_ms = $3 WHERE scope_key = $1`);
  const forget = statement('budgets forget', `DELETE FROM ${table} WHERE expires_at_ms < ${NOW_MS}`);
  let takes = 0;

  const forgetExpired = async (): Promise<void> => {
    await db.write('forgetting budgets', null, forget, []);
  };

  /** The row as it is now, its lock held until the end of the transaction. */
  const locked = async (run: Run, scope: string): Promise<LockedBudget> => {
    const key = scopeKey(scope);
    for (;;) {
      const [row] = await run(lock, [key]);
      if (row !== undefined) {
        const state = text(row, 'state');
        const expiresAtMs = integer(row, 'expires_at_ms');
        return { record: state === '' ? null : { state, expiresAtMs }, nowMs: integer(row, 'now_ms') };
      }
      await run(begin, [key, storedText(scope)]); // and again, since another process may have been first
    }
  };

  const change = <Result>(what: string, scope: string, from: (found: LockedBudget) => Changed<Result>) =>
    db.transaction(what, null, async (run) => {
      const { record, result } = from(await locked(run, scope));
      await run(write, [scopeKey(scope), record.state, record.expiresAtMs]);
      return result;
    });

  return {
    async take(request) {
      db.checkOpen();
      checkBudgetRequest(request);
      if ((takes += 1) % TAKES_BETWEEN === 0) await forgetExpired();
      return change('taking from a budget', request.scope, ({ record, nowMs }) => {
        const taken = takeFromBudget(record, request, nowMs);
        return { record: taken.record, result: taken.grant };
      });
    },

    async pause(scope, forMs) {
      db.checkOpen();
      checkBudgetPause(scope, forMs);
      await change('pausing a budget', scope, ({ record, nowMs }) => ({
        record: pauseBudget(record, forMs, nowMs),
        result: undefined,
      }));
    },

    forgetExpired,
  };
}

interface LockedBudget {
  readonly record: BudgetRecord | null;
  readonly nowMs: number;
}

interface Changed<Result> {
  readonly record: BudgetRecord;
  readonly result: Result;
}

const scopeKey = (scope: string): Buffer => hash('sha256', scope, 'buffer');
