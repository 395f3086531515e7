import { Pool } from 'undici';
import { DHAN_HEADERS, dhanBody } from './order.js';

/** The floor: `undici.request` on a pool of keep-alive sockets, and nothing around it. */
export async function open({ origin, sockets }) {
  const pool = new Pool(origin, { connections: sockets, pipelining: 1 });
  return {
    async place(number) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v2/orders',
        headers: DHAN_HEADERS,
        body: dhanBody(number),
      });
      const reply = await body.json();
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      return reply;
    },
    accepted: (reply) => typeof reply.orderId === 'string',
    close: () => pool.close(),
  };
}
