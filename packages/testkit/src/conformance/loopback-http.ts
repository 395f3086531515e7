import { AlgoError, isSecret } from '@algo/core/adapter';
import type { BrokerHttp, BrokerReply, BrokerRequest, Secret } from '@algo/core/adapter';
import type { CannedReply } from './subject.js';

/** A way to the venue that keeps what the adapter asked for. */
export interface RecordingHttp extends BrokerHttp {
  readonly requests: readonly BrokerRequest[];
}

/** Just enough of an HTTP client to talk to a venue on this machine. Core's own does the same and much more. */
export function loopbackHttp(broker: string): RecordingHttp {
  const requests: BrokerRequest[] = [];
  return {
    requests,
    async send(request, call) {
      requests.push(request);
      const { method, origin, path, secretQuery, headers = [], body } = request;
      const url = new URL(path, origin);
      for (const [name, value] of Object.entries(secretQuery ?? {})) url.searchParams.set(name, reveal(value));
      try {
        const response = await fetch(url, {
          method,
          headers: headersOf(headers),
          redirect: 'manual',
          signal: AbortSignal.timeout(Math.max(1, Math.min(call.remainingMs(), 1_000))),
          ...(body === undefined ? {} : { body }),
        });
        return replyOf(broker, response.status, response.headers, new Uint8Array(await response.arrayBuffer()));
      } catch (error) {
        // It may have been written: fetch does not say.
        throw new AlgoError('ALGO_BROKER_UNREACHABLE', { broker, cause: errorName(error) }, 'unknown');
      }
    },
  };
}

/** Answers every request alike, without a network. */
export function cannedHttp(broker: string, { status, body }: CannedReply): RecordingHttp {
  const requests: BrokerRequest[] = [];
  return {
    requests,
    async send(request) {
      requests.push(request);
      return replyOf(broker, status, new Headers(), new TextEncoder().encode(body));
    },
  };
}

function replyOf(broker: string, status: number, headers: Headers, body: Uint8Array): BrokerReply {
  const text = (): string => new TextDecoder().decode(body);
  return {
    status,
    header: (name) => headers.get(name),
    body,
    text,
    json() {
      try {
        const value: unknown = JSON.parse(text());
        return value;
      } catch {
        throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker, status, why: 'it is not JSON' });
      }
    },
  };
}

function headersOf(pairs: readonly (string | Secret)[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < pairs.length; at += 2) headers.set(reveal(pairs[at]), reveal(pairs[at + 1]));
  return headers;
}

const reveal = (value: string | Secret | undefined): string => (isSecret(value) ? value.reveal() : (value ?? ''));

const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
