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

/** The service's envelope around what went well, and around what did not. */
export const good = (data: unknown): Answer => json({ status: true, message: 'SUCCESS', errorcode: '', data });
export const bad = (errorcode: string, message = 'something', status = 200): Answer =>
  json({ status: false, message, errorcode, data: null }, status);
/** The gateway's. */
export const barred = (errorCode: string, message = 'something', status = 200): Answer =>
  json({ success: false, message, errorCode, data: '' }, status);

export interface FakeHttp extends BrokerHttp {
  readonly requests: readonly BrokerRequest[];
}

/** Answers in turn, or by request, and keeps what it was sent. No network. */
export function fakeHttp(
  answers: readonly Answer[] | ((request: BrokerRequest) => Answer | Promise<Answer>),
): FakeHttp {
  const requests: BrokerRequest[] = [];
  const left = typeof answers === 'function' ? [] : [...answers];
  return {
    requests,
    async send(request) {
      requests.push(request);
      const answer = typeof answers === 'function' ? await answers(request) : left.shift();
      if (answer === undefined) throw new Error(`no answer left for ${request.method} ${request.path}`);
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
        throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker: 'angel', status, why: 'it is not JSON' });
      }
    },
  };
}
