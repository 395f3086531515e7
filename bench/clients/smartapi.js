import { createRequire } from 'node:module';
import { TOKEN, tagOf } from './order.js';

const require = createRequire(import.meta.url);

/** Angel One's official client; `root` points it at the stub. Its own timeout is 7 s. */
export async function open({ origin }) {
  answerPublicIpLocally();
  const { SmartAPI } = require('smartapi-javascript');
  const angel = new SmartAPI({ api_key: 'benchkey', access_token: TOKEN, client_code: 'B1', root: origin });
  return {
    place: (number) =>
      angel.placeOrder({
        variety: 'NORMAL',
        tradingsymbol: 'RELIANCE-EQ',
        symboltoken: '2885',
        transactiontype: 'BUY',
        exchange: 'NSE',
        ordertype: 'LIMIT',
        producttype: 'DELIVERY',
        duration: 'DAY',
        price: '1430.5',
        quantity: '10',
        ordertag: tagOf(number),
      }),
    accepted: (reply) => typeof reply?.data?.orderid === 'string',
    close: async () => undefined,
  };
}

/** Its constructor asks services on the internet for the public address; here they answer from this process. */
function answerPublicIpLocally() {
  const path = require.resolve('public-ip', { paths: [require.resolve('smartapi-javascript')] });
  require.cache[path] = { id: path, filename: path, path, loaded: true, exports: { v4: async () => '127.0.0.1' } };
}
