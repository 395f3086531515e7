import { AlgoError } from '@algo/core/adapter';
import type { BrokerHttp, BrokerReply, BrokerRequest } from '@algo/core/adapter';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export const json = (body: unknown, status = 200): Answer => ({ status, text: JSON.stringify(body) });
export const text = (body: string, status = 200): Answer => ({ status, text: body });

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

export function replyOf({ status, text: body }: Answer): BrokerReply {
  return {
    status,
    header: () => null,
    body: Buffer.from(body),
    text: () => body,
    json() {
      try {
        const value: unknown = JSON.parse(body);
        return value;
      } catch {
        throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker: 'dhan', status, why: 'it is not JSON' });
      }
    },
  };
}
