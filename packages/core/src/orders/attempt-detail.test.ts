import { expect, test } from 'vitest';
import type { RejectReason } from '../domain/order-outcome.js';
import { detailOf, readDetail, writeDetail } from './attempt-detail.js';
import type { AttemptDetail } from './attempt-detail.js';

const REASONS = [
  'margin',
  'price',
  'quantity',
  'market-closed',
  'instrument',
  'not-enabled',
  'session',
  'static-ip',
  'rate-limited',
  'broker-down',
  'order-not-open',
  'invalid-request',
  'other',
] as const satisfies readonly RejectReason[];

const written = (reason: RejectReason): AttemptDetail | null => {
  const detail = detailOf({ event: 'rejected', reason, brokerCode: 'E1', brokerText: 'no' });
  return detail === null ? null : readDetail(writeDetail(detail));
};

test.each(REASONS)('%s is kept as the reason of a rejection and read back', (reason) => {
  expect(written(reason)).toEqual({ kind: 'rejected', reason, brokerCode: 'E1', brokerText: 'no' });
});

test('a reason that this version does not know is written as another reason, with the broker’s words', () => {
  const newer: RejectReason = JSON.parse('"a-newer-reason"');
  expect(written(newer)).toEqual({ kind: 'rejected', reason: 'other', brokerCode: 'E1', brokerText: 'no' });
});

test('a reason that a newer version wrote is read as another reason, with the broker’s words', () => {
  const text = JSON.stringify({ kind: 'rejected', reason: 'a-newer-reason', brokerCode: null, brokerText: 'no' });
  expect(readDetail(text)).toEqual({ kind: 'rejected', reason: 'other', brokerCode: null, brokerText: 'no' });
});
