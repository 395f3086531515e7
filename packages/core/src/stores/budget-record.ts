import type { BudgetGrant, BudgetRequest } from '../contract/budget-store.js';
import type { RateWindow } from '../contract/rate-limits.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import { EMPTY_BUDGET, grantPlaces, pausePlaces, readBudget } from './budget-grants.js';
import type { BudgetState } from './budget-grants.js';

/** What a store keeps of one scope. */
export interface BudgetRecord {
  /** JSON, for `takeFromBudget` and `pauseBudget` alone to read. */
  readonly state: string;
  /** By the store's clock: from then on nothing of it counts, and the record may go. Ten minutes apart, for an index. */
  readonly expiresAtMs: number;
}

export interface BudgetTaken {
  readonly record: BudgetRecord;
  readonly grant: BudgetGrant;
}

/**
 * Takes places from what a store keeps of a scope; null when it keeps nothing. `nowMs` is the store's clock, epoch
 * milliseconds, read while nobody else can write the record: an earlier reading would look like a clock that went back.
 *
 * @throws {AlgoError} `ALGO_STORE_FAILED` for a record that was not written by this
 */
export function takeFromBudget(record: BudgetRecord | null, request: BudgetRequest, nowMs: number): BudgetTaken {
  const { state, grant, keepUntilMs } = grantPlaces(stateOf(record), request, nowMs);
  return { record: recordOf(state, keepUntilMs), grant };
}

/** Lets nobody have a place for so long. @throws {AlgoError} as `takeFromBudget` */
export function pauseBudget(record: BudgetRecord | null, forMs: number, nowMs: number): BudgetRecord {
  const state = pausePlaces(stateOf(record), forMs, nowMs);
  return recordOf(state, Math.max(record?.expiresAtMs ?? 0, state.pausedUntilMs));
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once */
export function checkBudgetRequest({ scope, windows, places, holdMs }: BudgetRequest): void {
  refuse([
    ...scopeProblems(scope),
    ...(isBetween(windows.length, 1, MOST_WINDOWS) ? [] : [problem('windows', `must be 1 to ${MOST_WINDOWS}`)]),
    ...windows.flatMap(windowProblems),
    ...(isCount(places) ? [] : [problem('places', 'must be a whole number, 1 or more')]),
    ...(isBetween(holdMs, 1, LONGEST_HOLD_MS) ? [] : [problem('holdMs', `must be 1 to ${LONGEST_HOLD_MS}`)]),
  ]);
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once */
export function checkBudgetPause(scope: string, forMs: number): void {
  refuse([
    ...scopeProblems(scope),
    ...(isBetween(forMs, 0, LONGEST_PAUSE_MS) ? [] : [problem('forMs', `must be 0 to ${LONGEST_PAUSE_MS}`)]),
  ]);
}

const MOST_WINDOWS = 16;
/** What is taken and not used counts all the same: longer holds are a mistake. */
const LONGEST_HOLD_MS = 60_000;
/** A broker that says "come back in a week" has said something else. */
const LONGEST_PAUSE_MS = 86_400_000;
const LONGEST_WINDOW_MS = 32 * 86_400_000;

const STEP_MS = 600_000;

const recordOf = (state: BudgetState, keepUntilMs: number): BudgetRecord => ({
  state: JSON.stringify(state),
  expiresAtMs: Math.ceil(keepUntilMs / STEP_MS) * STEP_MS,
});

function stateOf(record: BudgetRecord | null): BudgetState {
  if (record === null) return EMPTY_BUDGET;
  const state = readBudget(parsed(record.state));
  if (state !== null) return state;
  const why = 'the state of a budget holds something the store never wrote; check who else writes to it';
  throw new AlgoError('ALGO_STORE_FAILED', { what: 'reading a row', why });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
}

function scopeProblems(scope: string): readonly InputProblem[] {
  if (scope === '') return [problem('scope', 'must not be empty')];
  return scope.isWellFormed() ? [] : [problem('scope', 'holds half of a surrogate pair')];
}

function windowProblems({ limit, perMs, counted = 'sliding' }: RateWindow, index: number): readonly InputProblem[] {
  const field = (name: string): string => `windows[${index}].${name}`;
  return [
    ...(isCount(limit) ? [] : [problem(field('limit'), 'must be a whole number, 1 or more')]),
    ...(isBetween(perMs, 1, LONGEST_WINDOW_MS) ? [] : [problem(field('perMs'), `must be 1 to ${LONGEST_WINDOW_MS}`)]),
    ...(COUNTED.has(counted) ? [] : [problem(field('counted'), "must be 'sliding' or 'ist-day'")]),
  ];
}

const COUNTED: ReadonlySet<string> = new Set<NonNullable<RateWindow['counted']>>(['sliding', 'ist-day']);

const problem = (field: string, text: string): InputProblem => ({ field, problem: text });

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

const isBetween = (value: number, least: number, most: number): boolean => value >= least && value <= most;
