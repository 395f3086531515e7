import { KiteConnect } from 'kiteconnect';
import { TOKEN, tagOf } from './order.js';

/** Zerodha's official client; `root` points it at the stub. Its own timeout is 7 s. */
export async function open({ origin }) {
  const kite = new KiteConnect({ api_key: 'benchkey', access_token: TOKEN, root: origin });
  return {
    place: (number) =>
      kite.placeOrder('regular', {
        exchange: 'NSE',
        tradingsymbol: 'RELIANCE',
        transaction_type: 'BUY',
        quantity: 10,
        product: 'CNC',
        order_type: 'LIMIT',
        validity: 'DAY',
        price: 1430.5,
        tag: tagOf(number),
      }),
    accepted: (reply) => typeof reply?.order_id === 'string',
    close: async () => undefined,
  };
}
