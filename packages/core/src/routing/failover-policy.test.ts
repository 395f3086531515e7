import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REJECT_REASONS } from '../domain/order-outcome.js';
import type { RejectReason } from '../domain/order-outcome.js';
import { decide, firingRule } from './failover-policy.js';
import type { Decision, Situation, Trouble } from './failover-policy.js';
import type { FailoverAction, FailoverRule, OperationKind } from './failover-strategy.js';

const CALM: Trouble = { misses60s: 0, calls5m: 100, failures5m: 0, down: false };
const DOWN: Trouble = { ...CALM, down: true };

const situation = (changes: Partial<Situation>): Situation => ({
  operation: 'entry',
  effect: 'none',
  trouble: CALM,
  manual: false,
  rejection: null,
  rules: [],
  hasBackup: true,
  mayMove: false,
  ...changes,
});

/** How each rule is made to match a connection that still takes calls, and one that does not. */
const UP_AND_MATCHING: readonly [string, (then: FailoverAction) => Partial<Situation>][] = [
  ['TIMEOUT', (then) => ({ rules: [{ on: 'TIMEOUT', then }], trouble: { ...CALM, misses60s: 3 } })],
  ['ERROR_RATE', (then) => ({ rules: [{ on: 'ERROR_RATE', then }], trouble: { ...CALM, failures5m: 50 } })],
  ['MANUAL', (then) => ({ rules: [{ on: 'MANUAL', then }], manual: true })],
];
const DOWN_AND_MATCHING: readonly [string, (then: FailoverAction) => Partial<Situation>][] = [
  ['TIMEOUT', (then) => ({ rules: [{ on: 'TIMEOUT', then }], trouble: { ...DOWN, misses60s: 3 } })],
  ['ERROR_RATE', (then) => ({ rules: [{ on: 'ERROR_RATE', then }], trouble: DOWN })],
  ['MANUAL', (then) => ({ rules: [{ on: 'MANUAL', then }], trouble: DOWN, manual: true })],
];

type Kind = Decision['kind'];

/**
 * What each action means: with a backup and without; for an exit also with and without the caller's word that it may
 * move. One word stands for both.
 */
interface Cell {
  readonly operation: OperationKind;
  readonly effect: Situation['effect'];
  readonly then: FailoverAction;
  /** The connection still takes calls: with a backup, without one. */
  readonly up: readonly [Kind, Kind];
  readonly down: readonly [Kind, Kind];
  /** Where it differs when the caller lets it move, with a backup. */
  readonly mayMove?: Kind;
}

const ACTIONS: readonly FailoverAction[] = ['RETRY', 'SWITCH', 'QUEUE'];

const whateverThe = (cell: Omit<Cell, 'then'>): readonly Cell[] => ACTIONS.map((then) => ({ ...cell, then }));

const CELLS: readonly Cell[] = [
  ...(['none', 'unknown'] as const).flatMap((effect) => [
    ...whateverThe({ operation: 'market-data', effect, up: ['switch', 'serve-here'], down: ['switch', 'last-known'] }),
    ...whateverThe({
      operation: 'account-read',
      effect,
      up: ['serve-here', 'serve-here'],
      down: ['last-known', 'last-known'],
    }),
  ]),
  { operation: 'entry', effect: 'none', then: 'RETRY', up: ['retry', 'retry'], down: ['retry', 'retry'] },
  { operation: 'entry', effect: 'none', then: 'SWITCH', up: ['switch', 'serve-here'], down: ['switch', 'refuse'] },
  { operation: 'entry', effect: 'none', then: 'QUEUE', up: ['queue', 'queue'], down: ['queue', 'queue'] },
  ...whateverThe({ operation: 'entry', effect: 'unknown', up: ['stay', 'stay'], down: ['stay', 'stay'] }),
  { operation: 'exit', effect: 'none', then: 'RETRY', up: ['retry', 'retry'], down: ['retry', 'retry'] },
  {
    operation: 'exit',
    effect: 'none',
    then: 'SWITCH',
    up: ['retry', 'retry'],
    down: ['retry', 'retry'],
    mayMove: 'switch',
  },
  { operation: 'exit', effect: 'none', then: 'QUEUE', up: ['queue', 'queue'], down: ['queue', 'queue'] },
  ...whateverThe({ operation: 'exit', effect: 'unknown', up: ['stay', 'stay'], down: ['stay', 'stay'] }),
  ...(['modify', 'cancel'] as const).flatMap((operation) => [
    ...whateverThe({
      operation,
      effect: 'none',
      up: ['serve-here', 'serve-here'],
      down: ['serve-here', 'serve-here'],
    }),
    ...whateverThe({ operation, effect: 'unknown', up: ['re-read', 're-read'], down: ['re-read', 're-read'] }),
  ]),
];

const CASES = CELLS.flatMap((cell) =>
  [true, false].flatMap((hasBackup) =>
    [true, false].flatMap((mayMove) =>
      (['up', 'down'] as const).flatMap((state) =>
        (state === 'up' ? UP_AND_MATCHING : DOWN_AND_MATCHING).map(([on, make]) => ({
          on,
          then: cell.then,
          operation: cell.operation,
          effect: cell.effect,
          state,
          backup: hasBackup ? 'a backup' : 'no backup',
          mayMove,
          hasBackup,
          changes: make(cell.then),
          expected: (mayMove && hasBackup ? cell.mayMove : undefined) ?? cell[state][hasBackup ? 0 : 1],
        })),
      ),
    ),
  ),
);

test('the table has a cell for every operation, effect and action', () => {
  expect(CELLS).toHaveLength(6 * 2 * 3);
});

test.each(CASES)(
  '$operation, effect $effect, connection $state, $on -> $then, $backup, mayMove $mayMove: $expected',
  ({ operation, effect, changes, hasBackup, mayMove, expected }) => {
    expect(decide(situation({ operation, effect, hasBackup, mayMove, ...changes })).kind).toBe(expected);
  },
);

describe('without a rule that matches', () => {
  const OTHER_RULES: readonly FailoverRule[] = [
    { on: 'TIMEOUT', then: 'SWITCH' },
    { on: 'MANUAL', then: 'QUEUE' },
  ];

  test.each<[OperationKind, Situation['effect'], Trouble, boolean, Kind]>([
    ['market-data', 'none', CALM, true, 'serve-here'],
    ['market-data', 'none', CALM, false, 'serve-here'],
    ['market-data', 'none', DOWN, true, 'switch'],
    ['market-data', 'none', DOWN, false, 'last-known'],
    ['market-data', 'unknown', DOWN, true, 'switch'],
    ['account-read', 'none', CALM, true, 'serve-here'],
    ['account-read', 'none', DOWN, true, 'last-known'],
    ['account-read', 'none', DOWN, false, 'last-known'],
    ['entry', 'none', CALM, true, 'serve-here'],
    ['entry', 'none', CALM, false, 'serve-here'],
    ['entry', 'none', DOWN, true, 'refuse'],
    ['entry', 'none', DOWN, false, 'refuse'],
    ['entry', 'unknown', CALM, true, 'stay'],
    ['entry', 'unknown', DOWN, true, 'stay'],
    ['exit', 'none', CALM, true, 'serve-here'],
    ['exit', 'none', DOWN, true, 'retry'],
    ['exit', 'none', DOWN, false, 'retry'],
    ['exit', 'unknown', DOWN, true, 'stay'],
    ['modify', 'none', CALM, true, 'serve-here'],
    ['modify', 'none', DOWN, true, 'serve-here'],
    ['modify', 'unknown', DOWN, true, 're-read'],
    ['cancel', 'none', DOWN, true, 'serve-here'],
    ['cancel', 'unknown', CALM, true, 're-read'],
  ])('%s, effect %s, %o, backup %s: %s', (operation, effect, trouble, hasBackup, expected) => {
    for (const rules of [[], OTHER_RULES]) {
      for (const mayMove of [true, false]) {
        expect(decide(situation({ operation, effect, trouble, hasBackup, rules, mayMove })).kind).toBe(expected);
      }
    }
  });

  test('what a person moved goes along, entries too, where there is somewhere to go', () => {
    expect(decide(situation({ manual: true })).kind).toBe('switch');
    expect(decide(situation({ manual: true, trouble: DOWN })).kind).toBe('switch');
    expect(decide(situation({ manual: true, hasBackup: false })).kind).toBe('serve-here');
    expect(decide(situation({ manual: true, hasBackup: false, trouble: DOWN })).kind).toBe('refuse');
    expect(decide(situation({ operation: 'market-data', manual: true })).kind).toBe('switch');
  });
});

describe('when a rule matches', () => {
  const matches = (rule: FailoverRule, changes: Partial<Situation>): boolean =>
    firingRule(situation({ rules: [rule], ...changes })) === rule;

  test('TIMEOUT: three deadlines missed unless the rule says otherwise', () => {
    const misses = (misses60s: number): Partial<Situation> => ({ trouble: { ...CALM, misses60s } });
    expect([2, 3, 4].map((count) => matches({ on: 'TIMEOUT', then: 'SWITCH' }, misses(count)))).toEqual([
      false,
      true,
      true,
    ]);
    const patient: FailoverRule = { on: 'TIMEOUT', then: 'SWITCH', misses: 5 };
    expect([4, 5].map((count) => matches(patient, misses(count)))).toEqual([false, true]);
    expect(matches({ on: 'TIMEOUT', then: 'SWITCH' }, { trouble: DOWN })).toBe(false);
  });

  test('ERROR_RATE: half of at least twenty calls unless the rule says otherwise', () => {
    const calls = (calls5m: number, failures5m: number): Partial<Situation> => ({
      trouble: { ...CALM, calls5m, failures5m },
    });
    const rule: FailoverRule = { on: 'ERROR_RATE', then: 'SWITCH' };
    expect(matches(rule, calls(19, 19))).toBe(false);
    expect(matches(rule, calls(20, 9))).toBe(false);
    expect(matches(rule, calls(20, 10))).toBe(true);
    expect(matches({ ...rule, share: 0.1 }, calls(20, 2))).toBe(true);
    expect(matches({ ...rule, share: 0.1 }, calls(0, 0))).toBe(false);
    expect(matches({ ...rule, share: 1 }, calls(20, 19))).toBe(false);
  });

  test('ERROR_RATE: a connection that is down is at 1, however few its calls', () => {
    const trouble: Trouble = { misses60s: 0, calls5m: 0, failures5m: 0, down: true };
    expect(matches({ on: 'ERROR_RATE', then: 'SWITCH', share: 1 }, { trouble })).toBe(true);
  });

  test('MANUAL: only while a person has moved the calls', () => {
    expect(matches({ on: 'MANUAL', then: 'QUEUE' }, { trouble: { ...DOWN, misses60s: 99 } })).toBe(false);
    expect(matches({ on: 'MANUAL', then: 'QUEUE' }, { manual: true })).toBe(true);
  });

  test('the first that matches wins', () => {
    const queue: FailoverRule = { on: 'ERROR_RATE', then: 'QUEUE' };
    const change: FailoverRule = { on: 'ERROR_RATE', then: 'SWITCH' };
    const timeout: FailoverRule = { on: 'TIMEOUT', then: 'RETRY' };
    const kindOf = (...rules: readonly FailoverRule[]): Kind => decide(situation({ rules, trouble: DOWN })).kind;
    expect(kindOf(queue, change)).toBe('queue');
    expect(kindOf(change, queue)).toBe('switch');
    expect(kindOf(timeout, change, queue)).toBe('switch'); // no deadline was missed
  });

  test('a queue has its own expiry and a retry its own tries', () => {
    const down = (rule: FailoverRule): Decision => decide(situation({ trouble: DOWN, rules: [rule] }));
    expect(down({ on: 'ERROR_RATE', then: 'QUEUE' })).toEqual({ kind: 'queue', expiresMs: 60_000 });
    expect(down({ on: 'ERROR_RATE', then: 'QUEUE', expiresMs: 5 })).toEqual({ kind: 'queue', expiresMs: 5 });
    expect(down({ on: 'ERROR_RATE', then: 'RETRY' })).toEqual({ kind: 'retry', tries: 2 });
    expect(down({ on: 'ERROR_RATE', then: 'RETRY', tries: 0 })).toEqual({ kind: 'retry', tries: 0 });
  });
});

describe('an order that the broker refused', () => {
  const after = (rejection: RejectReason, then: FailoverAction, changes: Partial<Situation> = {}): Decision =>
    decide(situation({ rejection, rules: [{ on: 'ERROR_RATE', then }], ...changes }));

  const SWITCHES: ReadonlySet<RejectReason> = new Set(['broker-down', 'session', 'static-ip', 'not-enabled']);

  test.each(REJECT_REASONS)('%s: goes to another broker only where that one may answer otherwise', (rejection) => {
    const expected = SWITCHES.has(rejection) ? 'switch' : 'refuse';
    expect(after(rejection, 'SWITCH').kind).toBe(expected);
    expect(after(rejection, 'SWITCH', { trouble: { ...DOWN, misses60s: 9 } }).kind).toBe(expected);
    expect(after(rejection, 'SWITCH', { operation: 'exit', mayMove: true }).kind).toBe(expected);
    expect(after(rejection, 'SWITCH', { hasBackup: false }).kind).toBe('refuse');
    expect(after(rejection, 'SWITCH', { rules: [] }).kind).toBe('refuse');
  });

  test.each(REJECT_REASONS)('%s: is tried again or waits only where it may pass by itself', (rejection) => {
    const passes = rejection === 'broker-down' || rejection === 'session';
    for (const operation of ['entry', 'exit'] as const) {
      expect(after(rejection, 'RETRY', { operation }).kind).toBe(passes ? 'retry' : 'refuse');
      expect(after(rejection, 'QUEUE', { operation }).kind).toBe(passes ? 'queue' : 'refuse');
    }
  });

  test('a session is renewed once, and not again for the same order', () => {
    expect(after('session', 'RETRY')).toEqual({ kind: 'retry', tries: 1 });
    expect(after('broker-down', 'RETRY')).toEqual({ kind: 'retry', tries: 2 });
    expect(after('session', 'RETRY', { rules: [{ on: 'ERROR_RATE', then: 'RETRY', tries: 0 }] })).toEqual({
      kind: 'retry',
      tries: 0,
    });
  });

  test('an exit without a rule is tried again where it is, if that can help', () => {
    expect(after('broker-down', 'RETRY', { operation: 'exit', rules: [] }).kind).toBe('retry');
    expect(after('static-ip', 'RETRY', { operation: 'exit', rules: [], mayMove: true }).kind).toBe('refuse');
  });

  test('an exit stays without the word of its caller, refused or not', () => {
    expect(after('static-ip', 'SWITCH', { operation: 'exit' }).kind).toBe('refuse');
    expect(after('broker-down', 'SWITCH', { operation: 'exit' }).kind).toBe('retry');
  });

  test('for lack of margin it goes on only by a rule that says so, and never waits', () => {
    const margin = (then: FailoverAction, onMargin: boolean, changes: Partial<Situation> = {}): Kind =>
      after('margin', then, { rules: [{ on: 'ERROR_RATE', then, onMargin }], ...changes }).kind;
    expect(margin('SWITCH', true)).toBe('switch');
    expect(margin('SWITCH', true, { hasBackup: false })).toBe('refuse');
    expect(margin('SWITCH', false)).toBe('refuse');
    expect(margin('SWITCH', false, { trouble: DOWN })).toBe('refuse');
    expect(margin('QUEUE', true)).toBe('refuse');
    expect(margin('RETRY', true)).toBe('refuse');
    expect(margin('SWITCH', true, { operation: 'exit', mayMove: true })).toBe('refuse');
    const named: FailoverRule = { on: 'ERROR_RATE', then: 'SWITCH', onMargin: true };
    expect(after('margin', 'SWITCH', { rules: [{ on: 'ERROR_RATE', then: 'RETRY' }, named] }).kind).toBe('switch');
    expect(after('margin', 'SWITCH', { rules: [{ on: 'TIMEOUT', then: 'SWITCH', onMargin: true }] }).kind).toBe(
      'refuse',
    );
  });
});

const anyRule: fc.Arbitrary<FailoverRule> = fc
  .record({
    on: fc.constantFrom('TIMEOUT' as const, 'ERROR_RATE' as const, 'MANUAL' as const),
    then: fc.constantFrom<FailoverAction>('RETRY', 'SWITCH', 'QUEUE'),
    number: fc.integer({ min: 1, max: 100 }),
    onMargin: fc.boolean(),
  })
  .map(({ on, then, number, onMargin }): FailoverRule => {
    if (on === 'TIMEOUT') return { on, then, misses: number, onMargin };
    return on === 'MANUAL' ? { on, then, onMargin } : { on, then, share: number / 100, onMargin };
  });

const anySituation: fc.Arbitrary<Situation> = fc.record({
  operation: fc.constantFrom<OperationKind>('market-data', 'account-read', 'entry', 'exit', 'modify', 'cancel'),
  effect: fc.constantFrom('none' as const, 'unknown' as const),
  trouble: fc.record({
    misses60s: fc.integer({ min: 0, max: 10 }),
    calls5m: fc.integer({ min: 0, max: 60 }),
    failures5m: fc.integer({ min: 0, max: 60 }),
    down: fc.boolean(),
  }),
  manual: fc.boolean(),
  rejection: fc.option(fc.constantFrom(...REJECT_REASONS)),
  rules: fc.array(anyRule, { maxLength: 4 }),
  hasBackup: fc.boolean(),
  mayMove: fc.boolean(),
});

test('whatever happens: an unknown effect stays, exits and changes do not leave, and the same gets the same answer', () => {
  const isOrder = new Set<OperationKind>(['entry', 'exit', 'modify', 'cancel']);
  fc.assert(
    fc.property(anySituation, (given) => {
      const before = JSON.stringify(given);
      const { kind } = decide(given);
      const { operation, effect, mayMove, hasBackup, rejection, rules } = given;
      const moves = kind === 'switch';
      const repeats = moves || kind === 'retry' || kind === 'queue';
      if (isOrder.has(operation) && effect === 'unknown' && repeats) throw new Error('an unknown effect was let go');
      if (operation === 'exit' && moves && !mayMove) throw new Error('an exit left');
      if (moves && !hasBackup) throw new Error('there is nowhere to go');
      if (repeats && ['modify', 'cancel', 'account-read'].includes(operation)) throw new Error('it does not move');
      if (kind === 'queue' && operation === 'market-data') throw new Error('a read does not wait');
      if (operation === 'entry' && rules.length === 0 && repeats && !given.manual) throw new Error('no rule said so');
      const ofTheOrder = rejection !== null && ['price', 'quantity', 'market-closed', 'instrument'].includes(rejection);
      if (isOrder.has(operation) && ofTheOrder && repeats) throw new Error('a refusal of the order itself went on');
      if (kind !== decide(given).kind || JSON.stringify(given) !== before) throw new Error('not a pure function');
    }),
    { numRuns: 100_000 },
  );
});
