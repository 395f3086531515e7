import { createRequire } from 'node:module';
import { CLIENT_ID, TOKEN, tagOf } from './order.js';

const require = createRequire(import.meta.url);

/** Symphony's official client for its XTS brokers; the constructor takes the URL. It has no timeout of its own. */
export async function open({ origin }) {
  const { Interactive } = require('xts-interactive-api');
  const xts = new Interactive(origin);
  xts.token = TOKEN;
  xts.isLoggedIn = true; // what a log-in would have set
  return {
    place: (number) =>
      xts.placeOrder({
        exchangeSegment: 'NSECM',
        exchangeInstrumentID: 2885,
        productType: 'CNC',
        orderType: 'LIMIT',
        orderSide: 'BUY',
        timeInForce: 'DAY',
        disclosedQuantity: 0,
        orderQuantity: 10,
        limitPrice: 1430.5,
        stopPrice: 0,
        clientID: CLIENT_ID,
        orderUniqueIdentifier: tagOf(number),
      }),
    accepted: (reply) => reply?.result?.AppOrderID !== undefined,
    close: async () => undefined,
  };
}
