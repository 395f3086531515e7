import { expect, test } from 'vitest';
import type { CommandReply } from '../contract/broker-adapter.js';
import { SendRecord } from '../transport/send-record.js';
import { judge } from './command-outcome.js';
import type { CommandEnd } from './command-outcome.js';

const acknowledged: CommandReply = { kind: 'acknowledged', brokerOrderId: 'B1' };
const rejected: CommandReply = { kind: 'rejected', reason: 'margin', brokerCode: 'E1', brokerText: 'no funds' };
const unknown: CommandReply = { kind: 'unknown', why: 'a code nobody knows' };

const ENDS = {
  acknowledged: { kind: 'reply', reply: acknowledged },
  'acknowledged without an id': { kind: 'reply', reply: { kind: 'acknowledged', brokerOrderId: '' } },
  rejected: { kind: 'reply', reply: rejected },
  unknown: { kind: 'reply', reply: unknown },
  threw: { kind: 'threw', code: 'ALGO_BROKER_UNREACHABLE' },
  overdue: { kind: 'overdue' },
} satisfies Record<string, CommandEnd>;

const RECORDS = {
  'nothing asked': () => new SendRecord(),
  'asked, not written': () => {
    const record = new SendRecord();
    record.ask();
    return record;
  },
  written: () => {
    const record = new SendRecord();
    record.ask();
    record.wrote();
    return record;
  },
  'out of sight': () => {
    const record = new SendRecord();
    record.ask();
    record.loseSight();
    return record;
  },
  'two asked, one written': () => {
    const record = new SendRecord();
    record.ask();
    record.ask();
    record.wrote();
    return record;
  },
} satisfies Record<string, () => SendRecord>;

type End = keyof typeof ENDS;
type Seen = keyof typeof RECORDS;

/** What the design says, for every end and every record. */
const EXPECTED: readonly (readonly [End, Seen, string])[] = [
  ['acknowledged', 'nothing asked', 'acknowledged'],
  ['acknowledged', 'asked, not written', 'acknowledged'],
  ['acknowledged', 'written', 'acknowledged'],
  ['acknowledged', 'out of sight', 'acknowledged'],
  ['acknowledged', 'two asked, one written', 'acknowledged'],
  ['acknowledged without an id', 'nothing asked', 'lost-sight'],
  ['acknowledged without an id', 'asked, not written', 'proven-unsent'],
  ['acknowledged without an id', 'written', 'lost-sight'],
  ['acknowledged without an id', 'out of sight', 'lost-sight'],
  ['acknowledged without an id', 'two asked, one written', 'lost-sight'],
  ['rejected', 'nothing asked', 'rejected'],
  ['rejected', 'asked, not written', 'proven-unsent'],
  ['rejected', 'written', 'rejected'],
  ['rejected', 'out of sight', 'rejected'],
  ['rejected', 'two asked, one written', 'rejected'],
  ['unknown', 'nothing asked', 'lost-sight'],
  ['unknown', 'asked, not written', 'proven-unsent'],
  ['unknown', 'written', 'lost-sight'],
  ['unknown', 'out of sight', 'lost-sight'],
  ['unknown', 'two asked, one written', 'lost-sight'],
  ['threw', 'nothing asked', 'lost-sight'],
  ['threw', 'asked, not written', 'proven-unsent'],
  ['threw', 'written', 'lost-sight'],
  ['threw', 'out of sight', 'lost-sight'],
  ['threw', 'two asked, one written', 'lost-sight'],
  ['overdue', 'nothing asked', 'lost-sight'],
  ['overdue', 'asked, not written', 'proven-unsent'],
  ['overdue', 'written', 'lost-sight'],
  ['overdue', 'out of sight', 'lost-sight'],
  ['overdue', 'two asked, one written', 'lost-sight'],
];

test('the table names every end with every record', () => {
  expect(EXPECTED).toHaveLength(Object.keys(ENDS).length * Object.keys(RECORDS).length);
});

test.each(EXPECTED)('%s with %s is %s', (end, seen, event) => {
  expect(judge(ENDS[end], RECORDS[seen]()).event).toBe(event);
});

test('keeps the broker’s words', () => {
  expect(judge(ENDS.acknowledged, RECORDS.written())).toEqual({ event: 'acknowledged', brokerOrderId: 'B1' });
  expect(judge(ENDS.rejected, RECORDS.written())).toEqual({
    event: 'rejected',
    reason: 'margin',
    brokerCode: 'E1',
    brokerText: 'no funds',
  });
});

test('a proof tells how many requests were made and why none was written', () => {
  const proofOf = (end: CommandEnd): unknown => judge(end, RECORDS['asked, not written']());
  const proof = (cause: string): unknown => ({
    event: 'proven-unsent',
    proof: { by: 'send-record', requests: 1, cause },
  });
  expect(proofOf(ENDS.threw)).toEqual(proof('ALGO_BROKER_UNREACHABLE'));
  expect(proofOf(ENDS.overdue)).toEqual(proof('no answer by the deadline'));
  expect(proofOf(ENDS.unknown)).toEqual(proof('a code nobody knows'));
  expect(proofOf(ENDS.rejected)).toEqual(proof('rejected'));
});

test('an unknown outcome says why', () => {
  expect(judge(ENDS.threw, RECORDS.written())).toEqual({ event: 'lost-sight', why: 'ALGO_BROKER_UNREACHABLE' });
  expect(judge(ENDS.overdue, RECORDS.written())).toEqual({ event: 'lost-sight', why: 'no answer by the deadline' });
  expect(judge(ENDS.unknown, RECORDS.written())).toEqual({ event: 'lost-sight', why: 'a code nobody knows' });
  const withoutId = judge(ENDS['acknowledged without an id'], RECORDS.written());
  expect(withoutId).toEqual({ event: 'lost-sight', why: 'acknowledged without an order id' });
});
