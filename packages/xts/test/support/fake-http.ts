import { AlgoError } from '@algo/core/adapter';
import type { BrokerHttp, BrokerReply, BrokerRequest } from '@algo/core/adapter';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The `Date` header. */
  readonly date?: string;
}

export const json = (body: unknown, status = 200): Answer => ({ status, text: JSON.stringify(body) });
export const text = (body: string, status = 200): Answer => ({ status, text: body });

/** An answer in the envelope of XTS. */
export const success = (result: unknown, date?: string): Answer => ({
  ...json({ type: 'success', code: 's-x-0001', description: 'ok', result }),
  ...(date === undefined ? {} : { date }),
});

/** An error as XTS answers them, whatever the cause. */
export const failure = (code: string, description: string, status = 400): Answer =>
  json({ type: 'error', code, description, result: {} }, status);

export interface FakeHttp extends BrokerHttp {
  readonly requests: readonly BrokerRequest[];
}

type Given = Answer | Error;

/** Answers in turn, or by request, and keeps what it was sent; an error is thrown. No network. */
export function fakeHttp(answers: readonly Given[] | ((request: BrokerRequest) => Given | Promise<Given>)): FakeHttp {
  const requests: BrokerRequest[] = [];
  const left = typeof answers === 'function' ? [] : [...answers];
  return {
    requests,
    async send(request) {
      requests.push(request);
      const answer = typeof answers === 'function' ? await answers(request) : left.shift();
      if (answer === undefined) throw new Error(`no answer left for ${request.method} ${request.path}`);
      if (answer instanceof Error) throw answer;
      return replyOf(answer);
    },
  };
}

export function replyOf({ status, text: body, date }: Answer): BrokerReply {
  return {
    status,
    header: (name) => (name === 'date' ? (date ?? null) : null),
    body: Buffer.from(body),
    text: () => body,
    json() {
      try {
        const value: unknown = JSON.parse(body);
        return value;
      } catch {
        throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker: 'jainam', status, why: 'it is not JSON' });
      }
    },
  };
}
