import { createOrderNaming } from '@algo/core/adapter';

/** Whether a reply names an order, in whatever form; the words are what Kotak prints where it has nothing. */
export const namesOrder = createOrderNaming(['nOrdNo', 'exOrdId', 'orderId', 'ordNo'], ['NA', '--', '-']);
