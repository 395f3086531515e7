import type { RejectReason } from '../domain/order-outcome.js';
import type { FailoverRule, OperationKind } from './failover-strategy.js';

/** How a connection does, as routing sees it. */
export interface Trouble {
  /** Deadlines missed within 60 s. */
  readonly misses60s: number;
  /** Calls of the last 5 minutes, and those of them that failed. */
  readonly calls5m: number;
  readonly failures5m: number;
  /** It is not connected, its breaker is open, or the very call in question was proven unsent. */
  readonly down: boolean;
}

/** A call, and the connection it is about. */
export interface Situation {
  readonly operation: OperationKind;
  /** What it did at the broker so far. A call that was not made yet has none. */
  readonly effect: 'none' | 'unknown';
  readonly trouble: Trouble;
  /** A person moved the traffic away from this connection with `handleFailover`. */
  readonly manual: boolean;
  /** The broker's own no to this very call; null when it said none. */
  readonly rejection: RejectReason | null;
  readonly rules: readonly FailoverRule[];
  /** Another connection of the strategy can take calls now. */
  readonly hasBackup: boolean;
  /** The caller's own word that an exit may leave the broker that holds its position. */
  readonly mayMove: boolean;
}

/** What becomes of the call. */
export type Decision =
  /** It is made at its connection, and what that answers stands. */
  | { readonly kind: 'serve-here' }
  /** As before, and again if it provably had no effect: at most so many tries after the first. */
  | { readonly kind: 'retry'; readonly tries: number }
  | { readonly kind: 'switch' }
  /** It waits in the journal, so many milliseconds at most. */
  | { readonly kind: 'queue'; readonly expiresMs: number }
  /** It ends as it stands. */
  | { readonly kind: 'refuse' }
  /** It may be at the broker: nothing moves before that is known. */
  | { readonly kind: 'stay' }
  /** The last value that was read, marked stale. */
  | { readonly kind: 'last-known' }
  /** The order is read at its broker before anybody decides. */
  | { readonly kind: 're-read' };

export const RULE_DEFAULTS = { misses: 3, share: 0.5, tries: 2, expiresMs: 60_000 } as const;

/** Fewer calls than this say nothing about a share. */
export const ENOUGH_CALLS = 20;

/** What another broker may answer otherwise. Price, quantity, closed market, instrument and the rest go with the order. */
const MAY_SWITCH: ReadonlySet<RejectReason> = new Set<RejectReason>([
  'broker-down',
  'session',
  // Only to a broker that has the address of its own connection registered: that connection's own checks say so.
  'static-ip',
  'not-enabled',
]);

/** What the same broker may answer otherwise in a moment; the others need a person. */
const MAY_PASS: ReadonlySet<RejectReason> = new Set<RejectReason>(['broker-down', 'session']);

const SERVE_HERE: Decision = { kind: 'serve-here' };
const SWITCH: Decision = { kind: 'switch' };
const REFUSE: Decision = { kind: 'refuse' };
const STAY: Decision = { kind: 'stay' };
const LAST_KNOWN: Decision = { kind: 'last-known' };
const RE_READ: Decision = { kind: 're-read' };

/**
 * The table under "Failover, by kind of operation" in the design, with the rules of a strategy. Pure: equal situations
 * have equal decisions.
 *
 * Whatever may be at a broker stays there, whatever the rules say. An exit never leaves the broker that holds its
 * position without the caller's word, nor a modify or cancel the one that has its order.
 */
export function decide(situation: Situation): Decision {
  switch (situation.operation) {
    case 'market-data':
      return decideMarketData(situation);
    case 'account-read':
      return situation.trouble.down ? LAST_KNOWN : SERVE_HERE; // its connection has retried it by then
    case 'entry':
      return situation.effect === 'unknown' ? STAY : decideEntry(situation);
    case 'exit':
      return situation.effect === 'unknown' ? STAY : decideExit(situation);
    case 'modify':
    case 'cancel':
      return situation.effect === 'unknown' ? RE_READ : SERVE_HERE;
  }
}

/** The first rule that matches; null when none does. */
export function firingRule(situation: Situation): FailoverRule | null {
  return situation.rules.find((rule) => fires(rule, situation)) ?? null;
}

/** Market data is the same everywhere: any rule that matches sends it on, whatever else the rule says. */
function decideMarketData(situation: Situation): Decision {
  const { trouble, manual, hasBackup } = situation;
  if (!trouble.down && !manual && firingRule(situation) === null) return SERVE_HERE;
  if (hasBackup) return SWITCH;
  return trouble.down ? LAST_KNOWN : SERVE_HERE;
}

function decideEntry(situation: Situation): Decision {
  const { rejection, trouble, manual, hasBackup } = situation;
  if (rejection !== null && rejection !== 'margin' && !MAY_SWITCH.has(rejection)) return REFUSE;
  const rule = firingRule(situation);
  if (rejection === 'margin') return rule?.then === 'SWITCH' && rule.onMargin === true && hasBackup ? SWITCH : REFUSE;
  const cannotServe = trouble.down || rejection !== null;
  if (rule === null) return withoutRule(cannotServe, manual && hasBackup);
  switch (rule.then) {
    case 'RETRY':
      return retryOf(rule, rejection);
    case 'SWITCH':
      if (hasBackup) return SWITCH;
      return cannotServe ? REFUSE : SERVE_HERE; // nowhere to go, and this one still takes orders
    case 'QUEUE':
      return queueOf(rule, rejection);
  }
}

/** A person who moved the traffic meant the entries as well. */
function withoutRule(cannotServe: boolean, moved: boolean): Decision {
  if (moved) return SWITCH;
  return cannotServe ? REFUSE : SERVE_HERE;
}

/** It stays and is tried again, unless the rule lets it wait or both rule and caller let it move. */
function decideExit(situation: Situation): Decision {
  const { rejection, trouble, hasBackup, mayMove } = situation;
  if (rejection !== null && !MAY_SWITCH.has(rejection)) return REFUSE;
  const rule = firingRule(situation);
  if (rule === null) return trouble.down || rejection !== null ? retryOf({}, rejection) : SERVE_HERE;
  if (rule.then === 'SWITCH' && mayMove && hasBackup) return SWITCH;
  return rule.then === 'QUEUE' ? queueOf(rule, rejection) : retryOf(rule, rejection);
}

function retryOf(
  { tries = RULE_DEFAULTS.tries }: { readonly tries?: number | undefined },
  rejection: RejectReason | null,
): Decision {
  if (rejection !== null && !MAY_PASS.has(rejection)) return REFUSE;
  // A session is renewed once; an account that is logged out of every new one must not loop.
  return { kind: 'retry', tries: rejection === 'session' ? Math.min(1, tries) : tries };
}

function queueOf(
  { expiresMs = RULE_DEFAULTS.expiresMs }: { readonly expiresMs?: number | undefined },
  rejection: RejectReason | null,
): Decision {
  return rejection === null || MAY_PASS.has(rejection) ? { kind: 'queue', expiresMs } : REFUSE;
}

function fires(rule: FailoverRule, situation: Situation): boolean {
  const { trouble, manual } = situation;
  switch (rule.on) {
    case 'TIMEOUT':
      return trouble.misses60s >= (rule.misses ?? RULE_DEFAULTS.misses);
    case 'ERROR_RATE':
      return trouble.down || isRefusedHere(rule, situation) || shareOf(trouble) >= (rule.share ?? RULE_DEFAULTS.share);
    case 'MANUAL':
      return manual;
  }
}

/** A no that another broker might not say is as good as an outage for this call; margin only if the rule names it. */
function isRefusedHere({ onMargin }: FailoverRule, { rejection }: Situation): boolean {
  if (rejection === null) return false;
  return rejection === 'margin' ? onMargin === true : MAY_SWITCH.has(rejection);
}

/** -1 while there are too few calls to say. */
const shareOf = ({ calls5m, failures5m }: Trouble): number => (calls5m < ENOUGH_CALLS ? -1 : failures5m / calls5m);
