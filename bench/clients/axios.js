import http from 'node:http';
import axios from 'axios';
import { dhanBody, TOKEN } from './order.js';

/** axios as a careful bot would set it up: kept-alive sockets, as many as the others have. */
export async function open({ origin, sockets, deadlineMs = 30_000 }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: sockets });
  const client = axios.create({
    baseURL: origin,
    httpAgent: agent,
    timeout: deadlineMs,
    headers: { 'access-token': TOKEN, 'content-type': 'application/json', accept: 'application/json' },
  });
  return {
    place: async (number) => (await client.post('/v2/orders', dhanBody(number))).data,
    accepted: (reply) => typeof reply?.orderId === 'string',
    close: async () => agent.destroy(),
  };
}
