import type {
  AttemptRow,
  AuditEntry,
  BrokerOrder,
  ConfigurationRecord,
  CredentialRecord,
  FillRecord,
  ImportBatch,
  OrderSighting,
  PortfolioSnapshot,
  SessionRecord,
  SymbolToken,
} from '@algo/core/store';

export const ACCOUNT = { userId: 'u1', broker: 'dhan', account: 'main' } as const;

/** A claimed place order; every field can be said otherwise. */
export const attempt = (changes: Partial<AttemptRow> = {}): AttemptRow => ({
  ...ACCOUNT,
  tag: 'TAG000000000001',
  owner: 'owner-1',
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
  importId: null,
  ...changes,
});

export const configuration = (changes: Partial<ConfigurationRecord> = {}): ConfigurationRecord => ({
  userId: 'u1',
  name: 'broker/dhan',
  version: 1,
  value: '{"product":"MIS"}',
  updatedAtMs: 1_789_000_000_000,
  ...changes,
});

export const auditEntry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  userId: 'u1',
  atMs: 1_789_000_000_000,
  actor: 'u1',
  action: 'credentials-put',
  subject: 'dhan/main',
  why: null,
  before: null,
  after: '{"clientId":"1100001"}',
  ...changes,
});

/** Fill number `index` of the order `c1`. */
export const nthFill = (index: number, changes: Partial<FillRecord> = {}): FillRecord => ({
  ...ACCOUNT,
  clientOrderId: 'c1',
  trade: {
    tradeId: `trade-${index}`,
    brokerOrderId: '112111182045',
    exchangeOrderId: null,
    instrument: 'NSE:RELIANCE',
    symbol: 'RELIANCE-EQ',
    side: 'BUY',
    product: 'MIS',
    quantity: 2,
    price: 2450.0025,
    tradedAtMs: 1_789_000_000_150,
  },
  importId: null,
  ...changes,
});

/** Positions as they were `index` milliseconds after the first ones. */
export const nthSnapshot = (index: number, changes: { readonly importId?: string } = {}): PortfolioSnapshot => ({
  ...ACCOUNT,
  kind: 'positions',
  takenAtMs: 1_789_000_000_000 + index,
  importId: null,
  rows: [
    {
      instrument: 'NSE:RELIANCE',
      symbol: 'RELIANCE-EQ',
      product: 'MIS',
      quantity: -4,
      boughtQuantity: 0,
      soldQuantity: 4,
      averageBuyPrice: 0,
      averageSellPrice: 2450.05,
      realizedProfit: 0,
      unrealizedProfit: -12.2,
    },
  ],
  ...changes,
});

/** Row number `index` of an instrument master. */
export const nthInstrument = (index: number, changes: Partial<SymbolToken> = {}): SymbolToken => ({
  instrument: `NSE:SYMBOL${index}`,
  segment: 'NSE_EQ',
  token: String(100_000 + index),
  symbol: `SYMBOL${index}-EQ`,
  name: `Company number ${index} Limited`,
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  ...changes,
});

/** The first `length` rows of a master, made one at a time. */
export function* instruments(length: number): Generator<SymbolToken> {
  for (let index = 0; index < length; index++) yield nthInstrument(index);
}

export const importBatch = (changes: Partial<ImportBatch> = {}): ImportBatch => ({
  userId: 'u1',
  importId: 'import-1',
  source: 'trades_history.json',
  atMs: 1_789_000_000_300,
  orders: [sighting({ clientOrderId: 'old-1', importId: 'import-1' })],
  fills: [nthFill(1, { clientOrderId: 'old-1', importId: 'import-1' })],
  snapshots: [nthSnapshot(1, { importId: 'import-1' })],
  ...changes,
});
