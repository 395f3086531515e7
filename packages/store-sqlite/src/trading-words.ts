import type { BrokerOrder, Trade } from '@algo/core/store';
import type { Row, Words } from './row.js';
import { word } from './row.js';

export const SIDES: Words<Trade['side']> = { BUY: true, SELL: true };

const PRODUCTS: Words<NonNullable<BrokerOrder['product']>> = { CNC: true, MIS: true, NRML: true, MTF: true };

/** The product of an order, a fill or a position; null when the broker did not say. */
export const productOrNull = (row: Row): BrokerOrder['product'] =>
  row['product'] === null ? null : word(row, 'product', PRODUCTS);
