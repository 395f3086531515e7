import type { Layout } from '../layout/layouts.js';
import type { IdMaker } from './ids.js';
import type { MappedRow } from './mapped-row.js';
import type { RowReader } from './row-reader.js';

/**
 * One fill; its order is looked for later. Transactions with the same id are one, and those without an id when
 * instrument, side, time, price and quantity are the same.
 */
export function transactionFrom(row: RowReader, layout: Layout, idOf: IdMaker): MappedRow {
  const { instrument, symbol } = row.instrument();
  const side = row.side();
  const quantity = row.need('quantity', row.quantity('quantity'));
  const price = row.need('price', row.price('price'));
  const tradedAtMs = row.need('time', row.time('time'));
  const transactionId = row.text('transactionId');
  const tradeId =
    transactionId === null
      ? idOf('transaction', instrument, side, tradedAtMs, price, quantity)
      : idOf('transaction-id', transactionId);
  const brokerOrderId = row.text('orderId') ?? tradeId;
  return {
    kind: 'transaction',
    fill: {
      clientOrderId: null,
      trade: {
        tradeId,
        brokerOrderId,
        exchangeOrderId: null,
        instrument,
        symbol,
        side,
        product: layout.product,
        quantity,
        price,
        tradedAtMs,
      },
    },
  };
}
