import { AlgoError, isSecret } from '@algo/core/adapter';
import type { BrokerHttp, Secret } from '@algo/core/adapter';

const reveal = (value: string | Secret): string => (isSecret(value) ? value.reveal() : value);

/** Just enough of an HTTP client to talk to a simulator on this machine. Core's own does the same and much more. */
export const fetchHttp: BrokerHttp = {
  async send({ method, origin, path, headers = [], body }) {
    const sent = new Headers();
    for (let at = 0; at + 1 < headers.length; at += 2)
      sent.set(reveal(headers[at] ?? ''), reveal(headers[at + 1] ?? ''));
    const init = { method, headers: sent, redirect: 'manual', ...(body === undefined ? {} : { body }) } as const;
    const response = await fetch(new URL(path, origin), init);
    const bytes = Buffer.from(await response.arrayBuffer());
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      body: bytes,
      text: () => bytes.toString('utf8'),
      json() {
        try {
          const value: unknown = JSON.parse(bytes.toString('utf8'));
          return value;
        } catch {
          const why = 'it is not JSON';
          throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker: 'jainam', status: response.status, why });
        }
      },
    };
  },
};
