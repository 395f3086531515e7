import type { BudgetGrant, BudgetRequest } from '../contract/budget-store.js';
import type { RateWindow } from '../contract/rate-limits.js';
import { endOfDay } from '../domain/time.js';

const DAY_MS = 86_400_000;
/** Kept apart per scope; beyond it neighbours are put together. Two kilobytes of JSON at most. */
const MOST_GRANTS = 64;
/** How exact the newest grants are kept when neighbours are put together, in milliseconds. */
const FRESH_MS = 1_000;

/** Places that may be used at any moment until then. */
export interface GrantedPlaces {
  readonly count: number;
  readonly untilMs: number;
}

/** What a store keeps of one scope: plain data, fit for JSON. Times are the store's own clock. */
export interface BudgetState {
  /** When it was last looked at. */
  readonly atMs: number;
  /** Nobody gets a place before. */
  readonly pausedUntilMs: number;
  /** The one that ends first stands first. */
  readonly grants: readonly GrantedPlaces[];
  /** Places that may be used on the IST day which ends then. */
  readonly day: { readonly endsAtMs: number; readonly count: number };
}

/** A scope nobody has asked for yet. */
export const EMPTY_BUDGET: BudgetState = {
  atMs: 0,
  pausedUntilMs: 0,
  grants: [],
  day: { endsAtMs: 0, count: 0 },
};

export interface GrantResult {
  readonly state: BudgetState;
  readonly grant: BudgetGrant;
  /** From then on the scope may be forgotten, by the store's clock. */
  readonly keepUntilMs: number;
}

/**
 * The rule by which every store gives out places. Nobody tells the store when a place was used, so each counts as used
 * at the last moment it may be: a new grant fits a window when all places that may be used within `perMs` before now,
 * or later, and the new ones together stay within the limit. Then no sliding stretch holds more uses than the limit,
 * whoever uses what when, crashes, or is slow: at the last grant of any stretch everything else in it was counted.
 *
 * What cannot be given whole is given in part. A clock that went back is taken as one that stood still.
 */
export function grantPlaces(before: BudgetState, request: BudgetRequest, nowMs: number): GrantResult {
  const { windows, places, holdMs } = request;
  const state = at(before, windows, nowMs);
  const free = Math.max(0, nowMs < state.pausedUntilMs ? 0 : freePlaces(state, windows, nowMs));
  const granted = Math.min(places, free);
  if (granted === 0) {
    const waitMs = Math.max(1, Math.ceil(waitFor(state, windows, nowMs)));
    return { state, grant: { granted: 0, waitMs }, keepUntilMs: keepUntil(state, windows) };
  }
  const after = withGrant(state, { count: granted, untilMs: nowMs + holdMs }, nowMs);
  return { state: after, grant: { granted, waitMs: 0 }, keepUntilMs: keepUntil(after, windows) };
}

/** Nobody gets a place for so long; a longer pause stays. */
export function pausePlaces(before: BudgetState, forMs: number, nowMs: number): BudgetState {
  const state = at(before, [], nowMs, false);
  return { ...state, pausedUntilMs: Math.max(state.pausedUntilMs, nowMs + forMs) };
}

/** A scope as it was written; null for what is none. */
export function readBudget(stored: unknown): BudgetState | null {
  if (!isRecord(stored) || !isTime(stored.atMs) || !isTime(stored.pausedUntilMs)) return null;
  const { day, grants, atMs, pausedUntilMs } = stored;
  if (!isRecord(day) || !isTime(day.endsAtMs) || !isTime(day.count) || !Array.isArray(grants)) return null;
  const read: GrantedPlaces[] = [];
  for (const grant of grants) {
    if (!isRecord(grant) || !isTime(grant.count) || !isTime(grant.untilMs)) return null;
    read.push({ count: grant.count, untilMs: grant.untilMs });
  }
  return { atMs, pausedUntilMs, grants: read, day: { endsAtMs: day.endsAtMs, count: day.count } };
}

/** The state as of now: moved along with a clock that went back, without what no window counts any more. */
function at(before: BudgetState, windows: readonly RateWindow[], nowMs: number, forget = true): BudgetState {
  const back = Math.min(0, nowMs - before.atMs); // no less than nothing has passed since
  const shifted = back === 0 ? before.grants : before.grants.map((one) => ({ ...one, untilMs: one.untilMs + back }));
  const dayEndsAtMs = endOfDay(nowMs);
  const day =
    nowMs < before.day.endsAtMs
      ? { endsAtMs: dayEndsAtMs, count: before.day.count }
      : { endsAtMs: dayEndsAtMs, count: countAfter(shifted, dayEndsAtMs - DAY_MS) }; // what was left over midnight
  const longest = longestOf(windows);
  const grants = forget ? shifted.filter(({ untilMs }) => untilMs > nowMs - longest) : shifted;
  return { atMs: nowMs, pausedUntilMs: before.pausedUntilMs + back, grants, day };
}

function freePlaces(state: BudgetState, windows: readonly RateWindow[], nowMs: number): number {
  let free = Infinity;
  for (const { limit, perMs, counted } of windows) {
    const used = counted === 'ist-day' ? state.day.count : countAfter(state.grants, nowMs - perMs);
    free = Math.min(free, limit - used);
  }
  return free;
}

function waitFor(state: BudgetState, windows: readonly RateWindow[], nowMs: number): number {
  let wait = state.pausedUntilMs - nowMs;
  for (const { limit, perMs, counted } of windows) {
    if (counted !== 'ist-day') wait = Math.max(wait, freeAt(state.grants, limit, nowMs - perMs) + perMs - nowMs);
    else if (state.day.count >= limit) wait = Math.max(wait, state.day.endsAtMs - nowMs);
  }
  return wait;
}

/** The `untilMs` of the grant after whose end one place of the limit is free. */
function freeAt(grants: readonly GrantedPlaces[], limit: number, fromMs: number): number {
  let over = countAfter(grants, fromMs) - limit + 1;
  let untilMs = fromMs;
  for (const grant of grants) {
    if (over <= 0) break;
    if (grant.untilMs <= fromMs) continue;
    over -= grant.count;
    untilMs = grant.untilMs;
  }
  return untilMs;
}

function countAfter(grants: readonly GrantedPlaces[], fromMs: number): number {
  let count = 0;
  for (const grant of grants) if (grant.untilMs > fromMs) count += grant.count;
  return count;
}

function withGrant(state: BudgetState, grant: GrantedPlaces, nowMs: number): BudgetState {
  const grants = [...state.grants];
  let place = grants.length;
  while (place > 0 && (grants[place - 1]?.untilMs ?? 0) > grant.untilMs) place -= 1;
  grants.splice(place, 0, grant);
  if (grants.length > MOST_GRANTS) mergeNeighbours(grants, nowMs);
  return { ...state, grants, day: { ...state.day, count: state.day.count + grant.count } };
}

/**
 * Puts two together where it costs least, measured by their age: their places count until the later one's end. The gap
 * to the one before is part of the cost, or the oldest would swallow all; that one stays and runs out by itself.
 */
function mergeNeighbours(grants: GrantedPlaces[], nowMs: number): void {
  let best = 1;
  let least = Infinity;
  for (let index = 1; index + 1 < grants.length; index += 1) {
    const begins = grants[index - 1]?.untilMs ?? 0;
    const ends = grants[index + 1]?.untilMs ?? 0;
    const loss = (ends - begins) / (Math.max(0, nowMs - ends) + FRESH_MS);
    if (loss >= least) continue;
    least = loss;
    best = index;
  }
  const [earlier, later] = grants.slice(best, best + 2);
  if (earlier === undefined || later === undefined) return;
  grants.splice(best, 2, { count: earlier.count + later.count, untilMs: later.untilMs });
}

function keepUntil({ grants, pausedUntilMs, day }: BudgetState, windows: readonly RateWindow[]): number {
  const last = grants.at(-1)?.untilMs ?? 0;
  const dayEnds = windows.some(({ counted }) => counted === 'ist-day') && day.count > 0 ? day.endsAtMs : 0;
  return Math.max(pausedUntilMs, last + longestOf(windows), dayEnds);
}

function longestOf(windows: readonly RateWindow[]): number {
  let longest = 0;
  for (const { perMs, counted } of windows) if (counted !== 'ist-day') longest = Math.max(longest, perMs);
  return longest;
}

/** What may stand in stored JSON under the names that are looked for. */
type Stored = Readonly<Partial<Record<keyof BudgetState | 'count' | 'untilMs' | 'endsAtMs', unknown>>>;

const isRecord = (value: unknown): value is Stored => typeof value === 'object' && value !== null;

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
