import { AlgoError } from '@algo/core/adapter';
import type { BrokerHttp, BrokerReply, BrokerRequest } from '@algo/core/adapter';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const json = (body: unknown, status = 200): Answer => ({ status, text: JSON.stringify(body) });
export const text = (body: string, status = 200): Answer => ({ status, text: body });

/** The same answer with the server's clock in its head. */
export const dated = (answer: Answer, serverMs: number): Answer => ({
  ...answer,
  headers: { date: new Date(serverMs).toUTCString() },
});

export interface FakeHttp extends BrokerHttp {
  readonly requests: readonly BrokerRequest[];
}

/** Answers in turn, or by request, and keeps what it was sent. No network. */
export function fakeHttp(answers: readonly Answer[] | ((request: BrokerRequest) => Answer)): FakeHttp {
  const requests: BrokerRequest[] = [];
  const left = typeof answers === 'function' ? [] : [...answers];
  return {
    requests,
    async send(request) {
      requests.push(request);
      const answer = typeof answers === 'function' ? answers(request) : left.shift();
      if (answer === undefined) throw new Error(`no answer left for ${request.method} ${request.path}`);
      return replyOf(answer);
    },
  };
}

export function replyOf({ status, text: body, headers = {} }: Answer): BrokerReply {
  return {
    status,
    header: (name) => headers[name] ?? null,
    body: Buffer.from(body),
    text: () => body,
    json() {
      try {
        const value: unknown = JSON.parse(body);
        return value;
      } catch {
        throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker: 'kotak', status, why: 'it is not JSON' });
      }
    },
  };
}

/** What a form carries. */
export const jDataOf = (request: BrokerRequest | undefined): unknown => {
  const value: unknown = JSON.parse(new URLSearchParams(request?.body ?? '').get('jData') ?? 'null');
  return value;
};
