import { storedOrder } from '@algo/core/store';
import type { OrderSighting } from '@algo/core/store';
import { idText, storedText, userKey } from './keys.js';
import { integer, json, text, textOrNull } from './row.js';
import type { Row } from './row.js';

/** The columns that `sightingFrom` reads. */
export const SIGHTING_COLUMNS = 'user_id, broker, account, client_order_id, broker_order, seen_at_ms, import_id';

/** The columns that `sightingValues` gives, each with the type of an array of them. */
export const SIGHTING_TYPES = {
  user_key: 'bytea[]',
  user_id: 'text[]',
  broker: 'text[]',
  account: 'text[]',
  client_order_id: 'text[]',
  broker_order: 'json[]',
  seen_at_ms: 'bigint[]',
  import_id: 'text[]',
} as const;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const sightingValues = (sighting: OrderSighting): readonly unknown[] => [
  userKey(sighting.userId),
  storedText(sighting.userId),
  idText('broker', sighting.broker),
  idText('account', sighting.account),
  idText('clientOrderId', sighting.clientOrderId),
  JSON.stringify(sighting.order),
  sighting.seenAtMs,
  sighting.importId === null ? null : idText('importId', sighting.importId),
];

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export const sightingFrom = (row: Row): OrderSighting => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  clientOrderId: text(row, 'client_order_id'),
  order: storedOrder(json(row, 'broker_order')),
  seenAtMs: integer(row, 'seen_at_ms'),
  importId: textOrNull(row, 'import_id'),
});
