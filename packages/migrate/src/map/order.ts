import { ORDER_TYPES } from '@algo/core/adapter';
import type { OrderStatus, OrderType } from '@algo/core/adapter';
import type { Layout } from '../layout/layouts.js';
import type { IdMaker } from './ids.js';
import type { MappedRow } from './mapped-row.js';
import type { RowReader } from './row-reader.js';

/**
 * A row of an order book. Orders with the same order id are one order. It gives no fill: those are in the transactions,
 * and the same fill from two files would count twice.
 */
export function orderFrom(row: RowReader, layout: Layout, idOf: IdMaker): MappedRow {
  const brokerOrderId = row.need('orderId', row.text('orderId'));
  const { instrument, symbol } = row.instrument();
  const side = row.side();
  const quantity = row.need('quantity', row.quantity('quantity'));
  const type = typeOf(row);
  const price = row.price('price');
  const triggerPrice = row.price('triggerPrice');
  const placedAtMs = row.need('time', row.time('time'));
  const { status, printed } = row.status();
  const filledQuantity = filledOf(row, status, quantity);

  return {
    kind: 'orders',
    fills: [],
    orders: [
      {
        clientOrderId: idOf('order', brokerOrderId),
        brokerIdKnown: true,
        order: {
          brokerOrderId,
          exchangeOrderId: null,
          tag: null,
          instrument,
          symbol,
          side,
          type,
          product: layout.product,
          validity: 'DAY',
          quantity,
          filledQuantity,
          price: type === 'MARKET' || type === 'SL-M' ? null : row.need('price', price),
          triggerPrice,
          averagePrice: filledQuantity === 0 ? null : (row.price('averagePrice') ?? price),
          status,
          brokerStatus: printed,
          reason: null,
          placedAtMs,
          updatedAtMs: placedAtMs,
        },
      },
    ],
  };
}

const TYPE_WORDS: Readonly<Record<string, OrderType>> = {
  MKT: 'MARKET',
  L: 'LIMIT',
  LMT: 'LIMIT',
  STOP_LIMIT: 'SL',
  SL_LIMIT: 'SL',
  SLM: 'SL-M',
  SL_M: 'SL-M',
  STOP_MARKET: 'SL-M',
};

function typeOf(row: RowReader): OrderType {
  const word = row.need('type', row.text('type')).toUpperCase().replaceAll(' ', '_');
  const type =
    ORDER_TYPES.find((known) => known === word) ?? (Object.hasOwn(TYPE_WORDS, word) ? TYPE_WORDS[word] : undefined);
  if (type === undefined) throw row.refused('type', 'is not an order type');
  return type;
}

/** All of a filled order, and of a partly filled one what the file says. */
function filledOf(row: RowReader, status: OrderStatus, quantity: number): number {
  const said = row.quantity('filledQuantity');
  if (said !== null && said > quantity) throw row.refused('filledQuantity', 'is more than the order');
  if (status === 'FILLED') return quantity;
  return status === 'PARTIALLY_FILLED' ? row.need('filledQuantity', said) : (said ?? 0);
}
