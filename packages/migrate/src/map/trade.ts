import type { BrokerOrder } from '@algo/core/store';
import type { Layout } from '../layout/layouts.js';
import { RowRefused } from '../source/refusals.js';
import type { IdMaker } from './ids.js';
import type { MappedFill, MappedOrder, MappedRow } from './mapped-row.js';
import type { RowReader } from './row-reader.js';

/**
 * A trade is one buy order and its fill; one that was closed is a sell order with its fill too. Trades with the same
 * instrument, entry time, entry price and quantity are one trade.
 */
export function tradeFrom(row: RowReader, layout: Layout, idOf: IdMaker): MappedRow {
  const { instrument, symbol } = row.instrument();
  const quantity = row.need('quantity', row.quantity('quantity'));
  const entryPrice = row.need('price', row.price('price'));
  const entryMs = row.need('time', row.time('time'));
  const status = openOrClosed(row);
  const brokerOrderId = row.text('orderId');
  const key = ['trade', instrument, entryMs, entryPrice, quantity] as const;
  const common = { instrument, symbol, quantity, brokerStatus: status, product: layout.product };

  const bought = filled({
    ...common,
    side: 'BUY',
    clientOrderId: idOf(...key, 'BUY'),
    brokerOrderId,
    averagePrice: entryPrice,
    atMs: entryMs,
  });
  if (status === 'open') return { kind: 'orders', orders: [bought.order], fills: [bought.fill] };

  const exitPrice = row.need('exitPrice', row.price('exitPrice'));
  const exitMs = row.need('exitTime', row.time('exitTime'));
  if (exitMs < entryMs) throw new RowRefused('it was closed before it was opened');
  const sold = filled({
    ...common,
    side: 'SELL',
    clientOrderId: idOf(...key, 'SELL'),
    brokerOrderId: null, // the file has one order id, and it is the entry's
    averagePrice: exitPrice,
    atMs: exitMs,
  });
  return { kind: 'orders', orders: [bought.order, sold.order], fills: [bought.fill, sold.fill] };
}

function openOrClosed(row: RowReader): 'open' | 'closed' {
  const word = row.need('status', row.text('status')).toLowerCase();
  if (word !== 'open' && word !== 'closed') throw row.refused('status', 'is neither open nor closed');
  return word;
}

type Filled = Pick<BrokerOrder, 'symbol' | 'side' | 'product' | 'quantity' | 'brokerStatus'> & {
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly brokerOrderId: string | null;
  readonly averagePrice: number;
  readonly atMs: number;
};

/** The type of the order is not in the file: MARKET, the one that says nothing of a price. */
function filled(given: Filled): { readonly order: MappedOrder; readonly fill: MappedFill } {
  const { instrument, symbol, side, product, quantity, brokerStatus, clientOrderId, averagePrice, atMs } = given;
  const brokerOrderId = given.brokerOrderId ?? clientOrderId;
  const order: BrokerOrder = {
    brokerOrderId,
    exchangeOrderId: null,
    tag: null,
    instrument,
    symbol,
    side,
    type: 'MARKET',
    product,
    validity: 'DAY',
    quantity,
    filledQuantity: quantity,
    price: null,
    triggerPrice: null,
    averagePrice,
    status: 'FILLED',
    brokerStatus,
    reason: null,
    placedAtMs: atMs,
    updatedAtMs: atMs,
  };
  return {
    order: { clientOrderId, order, brokerIdKnown: given.brokerOrderId !== null },
    fill: {
      clientOrderId,
      trade: {
        tradeId: `${clientOrderId}-fill`,
        brokerOrderId,
        exchangeOrderId: null,
        instrument,
        symbol,
        side,
        product,
        quantity,
        price: averagePrice,
        tradedAtMs: atMs,
      },
    },
  };
}
