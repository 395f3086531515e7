import type {
  AttemptRow,
  AuditEntry,
  CredentialRecord,
  FillRecord,
  OrderSighting,
  PortfolioSnapshot,
  SessionRecord,
  SymbolToken,
} from '@algo/core/store';

export const ACCOUNT = { userId: 'u1', broker: 'dhan', account: 'main' } as const;
const AT_MS = 1_789_000_000_000;

/** A claimed place order; every field can be said otherwise. */
export const attempt = (changes: Partial<AttemptRow> = {}): AttemptRow => ({
  ...ACCOUNT,
  tag: 'TAG000000000001',
  owner: 'process-1',
  kind: 'place',
  clientOrderId: 'c1',
  number: 1,
  request: '{"instrument":"NSE:RELIANCE","quantity":10}',
  state: 'SUBMITTING',
  tradingDay: '2026-11-20',
  createdAtMs: AT_MS,
  sendByMs: AT_MS + 5_000,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: AT_MS,
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
  updatedAtMs: AT_MS,
  ...changes,
});

export const session = (changes: Partial<SessionRecord> = {}): SessionRecord => ({
  ...ACCOUNT,
  version: 1,
  sealed: new Uint8Array([9, 0, 9]),
  expiresAtMs: null,
  updatedAtMs: AT_MS,
  ...changes,
});

export const sighting = (changes: Partial<OrderSighting> = {}): OrderSighting => ({
  ...ACCOUNT,
  clientOrderId: 'c1',
  seenAtMs: AT_MS + 200,
  importId: null,
  order: {
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
    placedAtMs: AT_MS + 100,
    updatedAtMs: null,
  },
  ...changes,
});

export const fill = (tradeId: string, changes: Partial<FillRecord> = {}): FillRecord => ({
  ...ACCOUNT,
  clientOrderId: 'c1',
  importId: null,
  trade: {
    tradeId,
    brokerOrderId: '112111182045',
    exchangeOrderId: null,
    instrument: 'NSE:RELIANCE',
    symbol: 'RELIANCE-EQ',
    side: 'BUY',
    product: 'MIS',
    quantity: 4,
    price: 2450.0025,
    tradedAtMs: null,
  },
  ...changes,
});

export const snapshot = (takenAtMs: number): PortfolioSnapshot => ({
  ...ACCOUNT,
  kind: 'positions',
  takenAtMs,
  importId: null,
  rows: [],
});

export const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  userId: 'u1',
  atMs: AT_MS,
  actor: 'u1',
  action: 'credentials-put',
  subject: 'dhan/main',
  why: null,
  before: null,
  after: '{"clientId":"1100001"}',
  ...changes,
});

export const listed = (index: number): SymbolToken => ({
  instrument: `NSE:SYMBOL${index}`,
  segment: 'NSE_EQ',
  token: String(index),
  symbol: `SYMBOL${index}-EQ`,
  name: `Company ${index}`,
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
});
