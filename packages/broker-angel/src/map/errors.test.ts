import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { fixture, FUZZ_RUNS } from '../../test/support/account.js';
import { bad, barred, json, replyOf, text } from '../../test/support/fake-http.js';
import type { Answer } from '../../test/support/fake-http.js';
import { saidIn } from '../wire/errors.js';
import { commandFault, readFault } from './errors.js';
import type { CommandName } from './faults.js';
import { FAULTS } from './faults.js';

const COMMANDS = ['place', 'modify', 'cancel'] as const satisfies readonly CommandName[];

const ends = (answer: Answer): readonly string[] =>
  COMMANDS.map((command) => {
    const reply = commandFault(command, answer.status, saidIn(replyOf(answer)));
    return reply.kind === 'rejected' ? reply.reason : reply.kind;
  });

const thrown = (answer: Answer): string => readFault(answer.status, saidIn(replyOf(answer)), 'book').code;

const U = 'unknown';
const all = (word: string): readonly string[] => [word, word, word];
const changes = (word: string): readonly string[] => [U, word, word];

/** Every code of the sheet: what a read throws, and what a place, a modify and a cancel end as. */
const ROWS: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['AG8001', 'Invalid Token', 'ALGO_SESSION_EXPIRED', all('session')],
  ['AG8002', 'Token Expired', 'ALGO_SESSION_EXPIRED', all('session')],
  ['AG8003', 'Token missing', 'ALGO_SESSION_EXPIRED', all('session')],
  ['AB8050', 'Invalid Refresh Token', 'ALGO_SESSION_EXPIRED', all(U)],
  ['AB8051', 'Refresh Token Expired', 'ALGO_SESSION_EXPIRED', all(U)],
  ['AB1010', 'AMX Session Expired', 'ALGO_SESSION_EXPIRED', all('session')],
  ['AB1011', 'Client not login', 'ALGO_SESSION_EXPIRED', all('session')],
  ['AB1000', 'Invalid Email Or Password', 'ALGO_NOT_ENTITLED', all(U)],
  ['AB1050', 'Invalid totp', 'ALGO_NOT_ENTITLED', all(U)],
  ['AB1053', 'Invalid API key', 'ALGO_NOT_ENTITLED', all('not-enabled')],
  ['AB1005', 'User Type Must Be USER', 'ALGO_NOT_ENTITLED', all('not-enabled')],
  ['AB1006', 'Client Is Block For Trading', 'ALGO_NOT_ENTITLED', all('not-enabled')],
  ['AB1007', 'Order not found', 'ALGO_BROKER_REFUSED', changes('order-not-open')],
  ['AB1007', 'Invalid user or password', 'ALGO_NOT_ENTITLED', all(U)],
  ['AB1007', 'Invalid parameters', 'ALGO_BROKER_REFUSED', all('invalid-request')],
  ['AB1007', 'AMX Error', 'ALGO_BROKER_UNAVAILABLE', all(U)],
  ['AB1007', 'Something else', 'ALGO_BROKER_REFUSED', all(U)],
  ['AB1004', 'Something Went Wrong, Please Try After Sometime', 'ALGO_BROKER_UNAVAILABLE', all(U)],
  ['AB2000', 'Error not specified', 'ALGO_BROKER_UNAVAILABLE', all(U)],
  ['AB2001', 'Internal Error', 'ALGO_BROKER_UNAVAILABLE', all(U)],
  ['AB1021', 'Access rate exceeded', 'ALGO_RATE_LIMITED', all(U)],
  ['AB1008', 'Invalid Order Variety', 'ALGO_BROKER_REFUSED', all('invalid-request')],
  ['AB1009', 'Symbol Not Found', 'ALGO_BROKER_REFUSED', all('instrument')],
  ['AB1012', 'Invalid Product Type', 'ALGO_BROKER_REFUSED', all('invalid-request')],
  ['AB1013', 'Order not found', 'ALGO_BROKER_REFUSED', changes('order-not-open')],
  ...['AB1014', 'AB1015', 'AB1016', 'AB1017', 'AB1018', 'AB1031', 'AB1032'].map(
    (code) => [code, 'x', 'ALGO_BROKER_REFUSED', all(U)] as const,
  ),
  ['AB4008', 'Ordertag length should not exceed 20 characters', 'ALGO_BROKER_REFUSED', all('invalid-request')],
  ['AB4018', 'Token is empty', 'ALGO_BROKER_REFUSED', all('invalid-request')],
  ['AB4036', 'Cautionary listing', 'ALGO_BROKER_REFUSED', all('instrument')],
  ['AB2002', 'ROBO order is blocked', 'ALGO_BROKER_REFUSED', all('not-enabled')],
  ['AB9000', 'Internal Server Error', 'ALGO_BROKER_UNAVAILABLE', all(U)],
  ['AB9005', 'Session', 'ALGO_SESSION_EXPIRED', all(U)],
  ...['AB9001', 'AB9003', 'AB9006', 'AB9008', 'AB9009', 'AB9011', 'AB9013'].map(
    (code) => [code, 'x', 'ALGO_BROKER_REFUSED', all(U)] as const,
  ),
  ['AB7777', 'a code nobody knows', 'ALGO_BROKER_REFUSED', all(U)],
];

test('the table test leaves no code of the table out', () => {
  expect([...FAULTS.keys()].filter((code) => !ROWS.some(([tested]) => tested === code))).toEqual([]);
});

describe.each(ROWS)('%s %j', (code, message, read, commands) => {
  test.each([
    ['the service, 200', bad(code, message)],
    ['the gateway, 200', barred(code, message)],
    ['the service, 400', bad(code, message, 400)],
    ['status as a word', json({ status: 'false', message, errorcode: code, data: null })],
  ])('from %s', (_what, answer) => {
    expect(thrown(answer)).toBe(read);
    expect(ends(answer)).toEqual(commands);
  });

  test.each([408, 429, 500, 502, 503, 302])('under %s it says nothing about a command', (status) => {
    expect(ends(bad(code, message, status))).toEqual(all(U));
  });
});

test.each<[string, Answer, string]>([
  ['nothing under 200', text(''), 'ALGO_BROKER_UNAVAILABLE'],
  ['nothing under 403', text('', 403), 'ALGO_NOT_ENTITLED'],
  ['nothing under 401', text('', 401), 'ALGO_NOT_ENTITLED'],
  ['another page of a firewall', text('<html>Forbidden by firewall</html>', 403), 'ALGO_BROKER_REFUSED'],
  ['a page that shows an address', text('<html>Blocked. Your IP: 203.0.113.7</html>', 403), 'ALGO_BROKER_REFUSED'],
  ['the firewall under 403', text('<html>Request Rejected</html>', 403), 'ALGO_RATE_LIMITED'],
  ['an address in JSON', json({ message: 'IP not whitelisted' }, 403), 'ALGO_STATIC_IP_REFUSED'],
  ['an address as text', text('IP address does not match', 403), 'ALGO_STATIC_IP_REFUSED'],
  ['the sentence of AG8001 as text', text('Invalid Token', 401), 'ALGO_SESSION_EXPIRED'],
  ['the sentence of AG8002 in JSON', json({ message: 'Token Expired' }, 403), 'ALGO_SESSION_EXPIRED'],
  ['the token of an instrument', json({ message: 'Invalid Token for symbol' }, 403), 'ALGO_NOT_ENTITLED'],
  ['a code nobody knows under 401', bad('AB7777', 'x', 401), 'ALGO_BROKER_REFUSED'],
  ['nothing under 503', text('', 503), 'ALGO_BROKER_UNAVAILABLE'],
  ['nothing under 404', text('', 404), 'ALGO_REPLY_UNREADABLE'],
  ['a limit as text', text('Access denied because of exceeding access rate', 403), 'ALGO_RATE_LIMITED'],
  ['a limit in other words', text('Rate limit exceeded', 403), 'ALGO_RATE_LIMITED'],
  ['429', text('Too Many Requests', 429), 'ALGO_RATE_LIMITED'],
  ['429 with nothing', text('', 429), 'ALGO_RATE_LIMITED'],
  ['another 403', text('Access denied', 403), 'ALGO_NOT_ENTITLED'],
  ['403 in JSON without a code', json({ message: 'Forbidden' }, 403), 'ALGO_NOT_ENTITLED'],
  ['401', text('Unauthorized', 401), 'ALGO_NOT_ENTITLED'],
  ['a limit in JSON', json({ status: false, message: 'exceeding access rate', errorcode: '' }), 'ALGO_RATE_LIMITED'],
  ['the firewall', text('<html>Request Rejected. Your support ID is 1</html>'), 'ALGO_RATE_LIMITED'],
  ['the static IP in words', bad('AB7000', 'Request came from an unregistered IP'), 'ALGO_STATIC_IP_REFUSED'],
  ['a web page', text('<html>Maintenance</html>'), 'ALGO_REPLY_UNREADABLE'],
  ['a web page under 503', text('<html>Rate limit</html>', 503), 'ALGO_BROKER_UNAVAILABLE'],
  ['cut JSON', text('{"status": tr'), 'ALGO_REPLY_UNREADABLE'],
  ['a list', json([]), 'ALGO_REPLY_UNREADABLE'],
  ['a refusal without a code', json({ status: false, message: 'no' }), 'ALGO_BROKER_REFUSED'],
  ['a refusal without a code under 404', json({ status: false, message: 'no' }, 404), 'ALGO_BROKER_REFUSED'],
])('%s: a read throws, and a command stays unknown', (_what, answer, code) => {
  expect(thrown(answer)).toBe(code);
  expect(ends(answer)).toEqual(all(U));
});

test('the firewall is left alone for minutes, a limit for a second', () => {
  const waitOf = (answer: Answer): unknown => {
    const error = readFault(answer.status, saidIn(replyOf(answer)), 'book');
    return error.code === 'ALGO_RATE_LIMITED' && error.details;
  };
  expect(waitOf(text('<html>Request Rejected</html>'))).toEqual({ family: 'book', retryAfterMs: 300_000 });
  expect(waitOf(text('exceeding access rate', 403))).toEqual({ family: 'book', retryAfterMs: 1_000 });
  expect(waitOf(text('', 429))).toEqual({ family: 'book', retryAfterMs: 30_000 });
});

const refusing = (data: unknown): Answer => json({ status: false, errorcode: 'AB4008', message: 'x', data });

test.each([null, '', ' ', {}, []])('a refusal with %j for its data counts', (data) => {
  expect(ends(refusing(data))).toEqual(all('invalid-request'));
});

test.each([
  ['success with a code', json({ status: true, errorcode: 'AB4008', message: 'x', data: null })],
  ['no word about success', json({ errorcode: 'AB4008', message: 'x', data: null })],
  ['a refusal with an order id', json({ status: false, errorcode: 'AB4008', message: 'x', data: { orderid: '1' } })],
  ['an id that is no id', refusing({ orderid: 2.5 })],
  ['an id as data', refusing('201020000000080')],
  ['an id as a number', refusing(201020000000080)],
  ['a list', refusing([{ orderid: '201020000000080' }])],
  ['a list of ids', refusing(['201020000000080'])],
  ['another kind of id', refusing({ uniqueorderid: '34reqfachdfih' })],
  ['an id beside data', json({ status: false, errorcode: 'AB4008', message: 'x', data: null, orderid: '1' })],
])('an answer that contradicts itself proves nothing: %s', (_what, answer) => {
  expect(ends(answer)).toEqual(all(U));
});

test('a refusal carries the code and the sentence of the broker', () => {
  const answer = bad('AB1012', 'Invalid Product Type');
  expect(commandFault('place', 200, saidIn(replyOf(answer)))).toEqual({
    kind: 'rejected',
    reason: 'invalid-request',
    brokerCode: 'AB1012',
    brokerText: 'Invalid Product Type',
  });
});

test.each([
  [text('', 200), 'HTTP 200 with a body that is empty'],
  [text('<html>', 502), 'HTTP 502 with a body that is a web page'],
  [text('oops', 403), 'HTTP 403 with a body that is plain text'],
  [json({}), 'HTTP 200 with an answer without a code'],
  [bad('AB1004'), 'HTTP 200 with AB1004'],
])('what is unknown says why: %j', (answer, why) => {
  expect(commandFault('place', answer.status, saidIn(replyOf(answer)))).toEqual({ kind: 'unknown', why });
});

test('the recorded errors', () => {
  const recorded = fixture('errors.json');
  if (!Array.isArray(recorded)) throw new Error('no list');
  const seen = recorded.map((row: { http: number; body?: unknown; raw?: string }) =>
    thrown(row.raw === undefined ? json(row.body, row.http) : text(row.raw, row.http)),
  );
  expect(seen).toEqual([
    'ALGO_SESSION_EXPIRED',
    'ALGO_SESSION_EXPIRED',
    'ALGO_RATE_LIMITED',
    'ALGO_BROKER_REFUSED',
    'ALGO_BROKER_UNAVAILABLE',
  ]);
});

test('no body, however odd, throws anything, nor passes for a refusal under a gateway status', () => {
  const code = fc.oneof(fc.constantFrom(...FAULTS.keys()), fc.string(), fc.integer(), fc.constant(null));
  const envelope = fc.record(
    {
      status: fc.anything(),
      success: fc.anything(),
      message: fc.anything(),
      errorcode: code,
      errorCode: code,
      data: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    envelope.map((value) => JSON.stringify(value) ?? ''),
    fc.json(),
    fc.string(),
  );
  const status = fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504);
  fc.assert(
    fc.property(body, status, (written, http) => {
      const answer = text(written, http);
      expect(isAlgoError(readFault(http, saidIn(replyOf(answer)), 'book'))).toBe(true);
      if (http >= 500 || http === 429 || http === 302) expect(ends(answer)).toEqual(all(U));
    }),
    { numRuns: FUZZ_RUNS },
  );
});
