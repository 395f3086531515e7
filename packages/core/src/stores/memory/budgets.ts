import type { BudgetStore } from '../../contract/budget-store.js';
import { checkBudgetPause, checkBudgetRequest, pauseBudget, takeFromBudget } from '../budget-record.js';
import type { MemoryLink } from './memory-link.js';

/** Takes between two looks for scopes that may go. */
const TAKES_BETWEEN = 256;

export function memoryBudgets(link: MemoryLink): BudgetStore {
  const { budgets, clock } = link.data;
  let takes = 0;
  return {
    take: (request) =>
      link.call({}, () => {
        checkBudgetRequest(request);
        if (takes++ % TAKES_BETWEEN === 0) forgetExpired();
        const { record, grant } = takeFromBudget(budgets.get(request.scope) ?? null, request, nowMs());
        budgets.set(request.scope, record);
        return grant;
      }),

    pause: (scope, forMs) =>
      link.call({}, () => {
        checkBudgetPause(scope, forMs);
        budgets.set(scope, pauseBudget(budgets.get(scope) ?? null, forMs, nowMs()));
      }),
  };

  function nowMs(): number {
    return link.data.startedAtMs + clock.monotonic();
  }

  function forgetExpired(): void {
    for (const [scope, { expiresAtMs }] of budgets) if (expiresAtMs <= nowMs()) budgets.delete(scope);
  }
}
