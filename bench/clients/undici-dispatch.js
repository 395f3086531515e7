import { Pool } from 'undici';
import { DHAN_HEADERS, dhanBody } from './order.js';

/** undici without its body stream: a bare handler that gathers the reply. */
export async function open({ origin, sockets }) {
  const pool = new Pool(origin, { connections: sockets, pipelining: 1 });
  return {
    place: (number) =>
      new Promise((resolve, reject) => {
        pool.dispatch(
          { method: 'POST', path: '/v2/orders', headers: DHAN_HEADERS, body: dhanBody(number) },
          new Gather(resolve, reject),
        );
      }),
    accepted: (reply) => typeof reply.orderId === 'string',
    close: () => pool.close(),
  };
}

class Gather {
  #chunks = [];

  constructor(resolve, reject) {
    this.resolve = resolve;
    this.reject = reject;
  }

  onConnect() {}

  onHeaders() {
    return true;
  }

  onData(chunk) {
    this.#chunks.push(chunk);
    return true;
  }

  onComplete() {
    const body = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.resolve(JSON.parse(body.toString('utf8')));
  }

  onError(error) {
    this.reject(error);
  }
}
