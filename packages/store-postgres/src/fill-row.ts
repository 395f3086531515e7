import { storedTrade } from '@algo/core/store';
import type { FillRecord } from '@algo/core/store';
import { idText, storedText, userKey } from './keys.js';
import { json, text, textOrNull } from './row.js';
import type { Row } from './row.js';

/** The columns that `fillFrom` reads. */
export const FILL_COLUMNS = 'user_id, broker, account, client_order_id, trade, import_id';

/** The columns that `fillValues` gives, each with the type of an array of them. */
export const FILL_TYPES = {
  user_key: 'bytea[]',
  user_id: 'text[]',
  broker: 'text[]',
  account: 'text[]',
  trade_id: 'text[]',
  client_order_id: 'text[]',
  trade: 'json[]',
  import_id: 'text[]',
} as const;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const fillValues = ({
  userId,
  broker,
  account,
  clientOrderId,
  trade,
  importId,
}: FillRecord): readonly unknown[] => [
  userKey(userId),
  storedText(userId),
  idText('broker', broker),
  idText('account', account),
  idText('tradeId', trade.tradeId),
  clientOrderId === null ? null : idText('clientOrderId', clientOrderId),
  JSON.stringify(trade),
  importId === null ? null : idText('importId', importId),
];

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export const fillFrom = (row: Row): FillRecord => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  clientOrderId: textOrNull(row, 'client_order_id'),
  trade: storedTrade(json(row, 'trade')),
  importId: textOrNull(row, 'import_id'),
});
