import type { AttemptRow, BrokerOrder, CredentialRecord, OrderSighting, SessionRecord } from '@algo/core/store';

export const ACCOUNT = { userId: 'u1', broker: 'dhan', account: 'main' } as const;

/** A claimed place order; every field can be said otherwise. */
export const attempt = (changes: Partial<AttemptRow> = {}): AttemptRow => ({
  ...ACCOUNT,
  tag: 'TAG000000000001',
  kind: 'place',
  clientOrderId: 'c1',
  number: 1,
  request: '{"instrument":"NSE:RELIANCE","quantity":10}',
  state: 'SUBMITTING',
  tradingDay: '2026-11-20',
  createdAtMs: 1_789_000_000_000,
  sendByMs: 1_789_000_005_000,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: 1_789_000_000_000,
  ...changes,
});

/** Attempt number `index` of a run of different orders. */
export const nthAttempt = (index: number, changes: Partial<AttemptRow> = {}): AttemptRow =>
  attempt({ tag: `TAG${String(index).padStart(12, '0')}`, clientOrderId: `c${index}`, ...changes });

export const credential = (changes: Partial<CredentialRecord> = {}): CredentialRecord => ({
  ...ACCOUNT,
  version: 1,
  fields: { clientId: '1100001' },
  sealed: new Uint8Array([0, 1, 254, 255]),
  updatedAtMs: 1_789_000_000_000,
  ...changes,
});

export const session = (changes: Partial<SessionRecord> = {}): SessionRecord => ({
  ...ACCOUNT,
  version: 1,
  sealed: new Uint8Array([9, 0, 9]),
  expiresAtMs: null,
  updatedAtMs: 1_789_000_000_000,
  ...changes,
});

const ORDER: BrokerOrder = {
  brokerOrderId: '112111182045',
  exchangeOrderId: null,
  tag: 'TAG000000000001',
  instrument: null,
  symbol: 'RELIANCE-EQ',
  side: 'BUY',
  type: 'LIMIT',
  product: 'MIS',
  validity: 'DAY',
  quantity: 10,
  filledQuantity: 4,
  price: 2450.05,
  triggerPrice: null,
  averagePrice: 2450.0025,
  status: 'PARTIALLY_FILLED',
  brokerStatus: 'PART_TRADED',
  reason: null,
  placedAtMs: 1_789_000_000_100,
  updatedAtMs: null,
};

export const sighting = (changes: Partial<OrderSighting> = {}, order: Partial<BrokerOrder> = {}): OrderSighting => ({
  ...ACCOUNT,
  clientOrderId: 'c1',
  order: { ...ORDER, ...order },
  seenAtMs: 1_789_000_000_200,
  ...changes,
});
