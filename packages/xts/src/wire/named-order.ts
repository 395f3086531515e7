import { createOrderNaming } from '@algo/core/adapter';

/** Whether a reply names an order, in whatever form. */
export const namesOrder = createOrderNaming(['AppOrderID', 'ExchangeOrderID', 'orderID']);
