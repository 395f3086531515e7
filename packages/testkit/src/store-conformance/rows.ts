import type {
  AccountKey,
  AttemptRow,
  AuditEntry,
  BrokerOrder,
  ConfigurationRecord,
  CredentialRecord,
  FillRecord,
  Holding,
  OrderSighting,
  PortfolioSnapshot,
  Position,
  SessionRecord,
  SymbolToken,
  Trade,
} from '@algo/core/store';

/** Good rows of one account; every field can be said otherwise. */
export const ACCOUNT = { userId: 'u1', broker: 'dhan', account: 'main' } as const;

/** Some moment of the trading day that these rows tell of. */
export const AT_MS = 1_789_000_000_000;

export const accountOf = (userId: string): AccountKey => ({ ...ACCOUNT, userId });

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

export const configuration = (changes: Partial<ConfigurationRecord> = {}): ConfigurationRecord => ({
  userId: 'u1',
  name: 'broker/dhan',
  version: 1,
  value: '{"enabled":true}',
  updatedAtMs: AT_MS,
  ...changes,
});

/** A claimed place order. */
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
  placedAtMs: AT_MS + 100,
  updatedAtMs: null,
};

export const sighting = (changes: Partial<OrderSighting> = {}, order: Partial<BrokerOrder> = {}): OrderSighting => ({
  ...ACCOUNT,
  clientOrderId: 'c1',
  order: { ...ORDER, ...order },
  seenAtMs: AT_MS + 200,
  importId: null,
  ...changes,
});

const TRADE: Trade = {
  tradeId: 't1',
  brokerOrderId: '112111182045',
  exchangeOrderId: null,
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE-EQ',
  side: 'BUY',
  product: 'MIS',
  quantity: 4,
  price: 2450.0025,
  tradedAtMs: AT_MS + 150,
};

export const fill = (changes: Partial<FillRecord> = {}, trade: Partial<Trade> = {}): FillRecord => ({
  ...ACCOUNT,
  clientOrderId: 'c1',
  trade: { ...TRADE, ...trade },
  importId: null,
  ...changes,
});

const POSITION: Position = {
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE-EQ',
  product: 'MIS',
  quantity: -4,
  boughtQuantity: 6,
  soldQuantity: 10,
  averageBuyPrice: 2450.0025,
  averageSellPrice: 2451.1,
  realizedProfit: -12.35,
  unrealizedProfit: 0,
};

const HOLDING: Holding = {
  instrument: null,
  symbol: 'INFY',
  isin: 'INE009A01021',
  quantity: 7,
  availableQuantity: 5,
  pledgedQuantity: 2,
  averagePrice: 1480.125,
  lastPrice: null,
};

type Snapshot<Kind extends PortfolioSnapshot['kind']> = Extract<PortfolioSnapshot, { readonly kind: Kind }>;

export const positions = (changes: Partial<Snapshot<'positions'>> = {}): Snapshot<'positions'> => ({
  ...ACCOUNT,
  kind: 'positions',
  takenAtMs: AT_MS,
  importId: null,
  rows: [POSITION, { ...POSITION, instrument: null, product: null, symbol: 'TCS-EQ' }],
  ...changes,
});

export const holdings = (changes: Partial<Snapshot<'holdings'>> = {}): Snapshot<'holdings'> => ({
  ...ACCOUNT,
  kind: 'holdings',
  takenAtMs: AT_MS,
  importId: null,
  rows: [HOLDING],
  ...changes,
});

/** Contract number `index` of a broker's master. */
export const listed = (index: number, changes: Partial<SymbolToken> = {}): SymbolToken => ({
  instrument: `NSE:SHARE${index}`,
  segment: 'NSE_EQ',
  token: String(1_000 + index),
  symbol: `SHARE${index}-EQ`,
  name: `Share ${index} Ltd`,
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  ...changes,
});

/** A master of these rows. */
export const master = (rows: Iterable<SymbolToken>, changes: { source?: string; loadedAtMs?: number } = {}) => ({
  source: 'images.example.in/master.csv',
  loadedAtMs: AT_MS,
  rows,
  ...changes,
});

export const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  userId: 'u1',
  atMs: AT_MS,
  actor: 'u1',
  action: 'credentials-put',
  subject: 'dhan/main',
  why: null,
  before: null,
  after: '{"fields":["clientId"]}',
  ...changes,
});
