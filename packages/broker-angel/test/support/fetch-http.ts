import { isSecret } from '@algo/core/adapter';
import type { BrokerHttp, Secret } from '@algo/core/adapter';
import { replyOf } from './fake-http.js';

const reveal = (value: string | Secret): string => (isSecret(value) ? value.reveal() : value);

/** Just enough of an HTTP client to talk to a simulator on this machine. Core's own does the same and much more. */
export const fetchHttp: BrokerHttp = {
  async send({ method, origin, path, secretQuery, headers = [], body }) {
    const url = new URL(path, origin);
    for (const [name, value] of Object.entries(secretQuery ?? {})) url.searchParams.set(name, reveal(value));
    const sent = new Headers();
    for (let at = 0; at + 1 < headers.length; at += 2)
      sent.set(reveal(headers[at] ?? ''), reveal(headers[at + 1] ?? ''));
    const response = await fetch(url, {
      method,
      headers: sent,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const date = response.headers.get('date');
    return replyOf({ status: response.status, text: await response.text(), ...(date === null ? {} : { date }) });
  },
};
