import { expect, test } from 'vitest';
import { createOrderNaming } from './names-order.js';

const namesOrder = createOrderNaming(['orderId'], ['NA']);

test.each<[unknown, boolean]>([
  [{ orderId: '1' }, true],
  [{ ORDERID: 1 }, true],
  [{ data: [{ deep: { orderid: '1' } }] }, true],
  [{ orderId: 2.5 }, true],
  [{ orderId: {} }, true],
  [{ orderId: null }, false],
  [{ orderId: ' ' }, false],
  [{ orderId: 'NA' }, false],
  [{ other: '1' }, false],
  ['orderId', false],
  [null, false],
  [undefined, false],
])('%j names an order: %s', (body, expected) => {
  expect(namesOrder(body)).toBe(expected);
});
