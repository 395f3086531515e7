import { isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';

/** What a check reads, in this order. */
export type CheckStep = 'profile' | 'orders' | 'positions' | 'holdings' | 'funds';

const STEPS: readonly CheckStep[] = ['profile', 'orders', 'positions', 'holdings', 'funds'];

/** How one read of a check ended. */
export type CheckResult =
  | { readonly step: CheckStep; readonly ok: true; readonly tookMs: number; readonly rows: number | null }
  | { readonly step: CheckStep; readonly ok: false; readonly tookMs: number; readonly code: AlgoErrorCode };

/** Whether the account answers and its portfolio can be read. */
export interface ConnectionCheck {
  readonly ok: boolean;
  readonly results: readonly CheckResult[];
}

/** Reads everything once, one after the other, and tells of each how it went. Never throws for what a broker did. */
export async function checkConnection(
  reads: Readonly<Record<CheckStep, () => Promise<unknown>>>,
  clock: Clock,
): Promise<ConnectionCheck> {
  const results: CheckResult[] = [];
  for (const step of STEPS) {
    const began = clock.monotonic();
    try {
      const value = await reads[step]();
      results.push({
        step,
        ok: true,
        tookMs: clock.monotonic() - began,
        rows: Array.isArray(value) ? value.length : null,
      });
    } catch (error) {
      if (!isAlgoError(error)) throw error;
      results.push({ step, ok: false, tookMs: clock.monotonic() - began, code: error.code });
    }
  }
  return { ok: results.every(({ ok }) => ok), results };
}
