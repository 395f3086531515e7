import { expect, test } from 'vitest';
import type { AttemptRow } from '../contract/order-journal.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import { detailOf, readDetail, writeDetail } from './attempt-detail.js';
import type { AttemptDetail } from './attempt-detail.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';

const CREATED_MS = Date.UTC(2026, 10, 20, 4, 30);

const row = (changes: Partial<AttemptRow>): AttemptRow => ({
  userId: 'u',
  broker: 'dhan',
  account: 'main',
  owner: '',
  tag: 'TAG',
  kind: 'place',
  clientOrderId: 'c1',
  number: 1,
  request: '{}',
  state: 'INTENT',
  tradingDay: '2026-11-20',
  createdAtMs: CREATED_MS,
  sendByMs: null,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: CREATED_MS,
  ...changes,
});

const notAsked = (): Promise<OrderOutcome> => {
  throw new Error('settled must not be asked for');
};
const rejection: AttemptDetail = { kind: 'rejected', reason: 'margin', brokerCode: 'E1', brokerText: 'no funds' };

test('a row that was never claimed waits until its day ends', () => {
  const outcome = outcomeOfRow(row({}), notAsked);
  expect(outcome).toEqual({ kind: 'queued', clientOrderId: 'c1', expiresAtMs: Date.UTC(2026, 10, 20, 18, 30) });
});

test.each(['ACKNOWLEDGED', 'FOUND'] as const)('%s is accepted, with the broker’s id', (state) => {
  const detail = writeDetail({ kind: 'why', why: 'it was lost from sight before' });
  expect(outcomeOfRow(row({ state, brokerOrderId: 'B1', detail }), notAsked)).toEqual({
    kind: 'accepted',
    clientOrderId: 'c1',
    brokerOrderId: 'B1',
  });
});

test.each(['REJECTED', 'FOUND'] as const)('%s with the broker’s no is rejected, in the broker’s words', (state) => {
  const detail = writeDetail(rejection);
  expect(outcomeOfRow(row({ state, detail, brokerOrderId: 'B1' }), notAsked)).toEqual({
    kind: 'rejected',
    clientOrderId: 'c1',
    reason: 'margin',
    brokerText: 'no funds',
  });
});

test.each([null, '{}', '{"kind":"newer"}', writeDetail({ kind: 'why', why: 'x' })])(
  'REJECTED is rejected and never accepted, with %s for a reason, broker id or not',
  (detail) => {
    for (const brokerOrderId of [null, 'B1']) {
      const outcome = outcomeOfRow(row({ state: 'REJECTED', detail, brokerOrderId }), notAsked);
      expect(outcome).toEqual({ kind: 'rejected', clientOrderId: 'c1', reason: 'other', brokerText: '' });
    }
  },
);

test.each(['REJECTED', 'FOUND', 'ACKNOWLEDGED'] as const)(
  '%s for a reason that a newer version wrote is rejected for another reason, in the broker’s words',
  (state) => {
    const detail = JSON.stringify({ kind: 'rejected', reason: 'new-reason', brokerCode: 'E9', brokerText: 'no' });
    const outcome = outcomeOfRow(row({ state, detail, brokerOrderId: 'B1' }), notAsked);
    expect(outcome).toEqual({ kind: 'rejected', clientOrderId: 'c1', reason: 'other', brokerText: 'no' });
  },
);

test.each(['ACKNOWLEDGED', 'FOUND'] as const)('%s without the broker’s id is unknown', async (state) => {
  const later: OrderOutcome = { kind: 'accepted', clientOrderId: 'c1', brokerOrderId: 'B1' };
  const outcome = outcomeOfRow(row({ state, sendByMs: 99 }), () => Promise.resolve(later));
  expect(outcome).toMatchObject({ kind: 'unknown', clientOrderId: 'c1', tag: 'TAG', sentAtMs: 99 });
  expect(outcome.kind === 'unknown' ? await outcome.settled : null).toBe(later);
});

test.each(['NOT_SENT', 'ABSENT'] as const)('%s comes with its proof', (state) => {
  const proof = { by: 'absent', books: 2, lookUps: 1, lastReadAtMs: 7 } as const;
  const outcome = outcomeOfRow(row({ state, detail: writeDetail({ kind: 'proof', proof }) }), notAsked);
  expect(outcome).toEqual({ kind: 'not-sent', clientOrderId: 'c1', proof });
});

test.each(['SUBMITTING', 'AMBIGUOUS', 'UNRESOLVED'] as const)(
  '%s is unknown and never anything surer',
  async (state) => {
    const later: OrderOutcome = { kind: 'accepted', clientOrderId: 'c1', brokerOrderId: 'B1' };
    const outcome = outcomeOfRow(row({ state, sendByMs: 99 }), () => Promise.resolve(later));
    expect(outcome).toMatchObject({ kind: 'unknown', clientOrderId: 'c1', tag: 'TAG', sentAtMs: 99 });
    expect(outcome.kind === 'unknown' ? await outcome.settled : null).toBe(later);
  },
);

test('the last word on a row nobody works on settles to itself', async () => {
  const last = lastWord(row({ state: 'UNRESOLVED' }));
  expect(last).toMatchObject({ kind: 'unknown', sentAtMs: CREATED_MS });
  expect(last.kind === 'unknown' ? await last.settled : null).toBe(last);
  expect(lastWord(row({ state: 'ACKNOWLEDGED', brokerOrderId: 'B1' })).kind).toBe('accepted');
});

test.each<AttemptDetail>([
  rejection,
  { kind: 'why', why: 'no answer by the deadline' },
  { kind: 'proof', proof: { by: 'gate', why: 'circuit-open' } },
  { kind: 'proof', proof: { by: 'send-record', requests: 1, cause: 'ECONNREFUSED' } },
  { kind: 'proof', proof: { by: 'absent', books: 2, lookUps: 1, lastReadAtMs: 7 } },
])('a detail reads back as it was written: %o', (detail) => {
  expect(readDetail(writeDetail(detail))).toEqual(detail);
});

test.each([null, '{}', '{"kind":"newer"}', '{"kind":"proof","proof":{"by":"guess"}}', '7'])(
  '%s is no detail',
  (text) => {
    expect(readDetail(text)).toBeNull();
  },
);

test('the journal keeps of a verdict what explains it', () => {
  const { kind: _kind, ...words } = rejection;
  expect(detailOf({ event: 'acknowledged', brokerOrderId: 'B1' })).toBeNull();
  expect(detailOf({ event: 'rejected', ...words })).toEqual(rejection);
  expect(detailOf({ event: 'lost-sight', why: 'x' })).toEqual({ kind: 'why', why: 'x' });
  const proof = { by: 'gate', why: 'deadline' } as const;
  expect(detailOf({ event: 'proven-unsent', proof })).toEqual({ kind: 'proof', proof });
});
