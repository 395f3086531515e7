import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { FUZZ_RUNS, fixture } from '../../test/support/account.js';
import { NO_HOLDINGS, NO_ORDERS, NO_POSITIONS, NO_SUCH_ORDER, NO_TRADES, createFaults, saysNone } from './errors.js';

const faults = createFaults({ broker: 'jainam', rateLimitIsRefusal: false });

const body = (code: string | null, description = 'something'): unknown => ({
  type: 'error',
  ...(code === null ? {} : { code }),
  description,
  result: {},
});

interface Row {
  readonly what: string;
  readonly status: number;
  readonly body: unknown;
  /** What a read throws. */
  readonly read: string;
  /** What a command ends as: a reject reason, or unknown. */
  readonly command: string;
}

const NONE = 'Data Not Available';
const unknown = 'unknown';
const none = (code: string): Row => ({
  what: `${code} ${NONE}`,
  status: 400,
  body: body(code, NONE),
  read: 'ALGO_NO_DATA',
  command: unknown,
});
const row = (what: string, given: unknown, read: string, command: string, status = 400): Row => ({
  what,
  status,
  body: given,
  read,
  command,
});

const ROWS: readonly Row[] = [
  row('e-session-0005', body('e-session-0005', 'Invalid Token'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('e-session-0007', body('e-session-0007'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('e-session-0005 under 401', body('e-session-0005'), 'ALGO_SESSION_EXPIRED', 'session', 401),
  row('Invalid Token under a code nobody knows', body('e-x-1', 'Invalid Token'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('Invalid Token under e-orders-0005', body('e-orders-0005', 'Invalid Token'), 'ALGO_SESSION_EXPIRED', 'session'),
  row(
    'the token of an instrument',
    body('e-orders-0007', 'Invalid Token for exchangeInstrumentID'),
    'ALGO_BROKER_REFUSED',
    unknown,
  ),
  row('Invalid Token with a full stop', body('e-x-1', ' Invalid Token. '), 'ALGO_SESSION_EXPIRED', 'session'),
  row('408', body('e-session-0007', 'timeout'), 'ALGO_SESSION_EXPIRED', unknown, 408),
  row('Invalid Token without a code', body(null, 'Invalid Token'), 'ALGO_SESSION_EXPIRED', unknown),
  row('e-token-0001', body('e-token-0001'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('e-token-0002', body('e-token-0002'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('a missing token', body('e-x-1', 'Please Provide token to Authenticate'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('e-session-0002', body('e-session-0002', 'Instrument Already Subscribed !'), 'ALGO_BROKER_REFUSED', unknown),
  row('e-session-0002 about the token', body('e-session-0002', 'Invalid Token'), 'ALGO_SESSION_EXPIRED', 'session'),
  row('e-session-0004', body('e-session-0004', 'Subscription limit exceeded'), 'ALGO_BROKER_REFUSED', unknown),
  row('wrong keys', body('e-user-0001', 'Entered invalid credentials'), 'ALGO_BROKER_REFUSED', unknown),
  row('e-apirl-0004', body('e-apirl-0004', 'API Rate Limit Exceeded'), 'ALGO_RATE_LIMITED', unknown),
  row('e-apirl-0004 under 429', body('e-apirl-0004'), 'ALGO_RATE_LIMITED', unknown, 429),
  ...['e-orders-0005', 'e-tradebook-0005', 'e-portfolio-0005', 'e-holdings-0005', 'e-funds-0005', 'e-balance-0005'].map(
    none,
  ),
  row('e-orders-0001', body('e-orders-0001'), 'ALGO_BROKER_REFUSED', unknown),
  row('e-instrument-0001', body('e-instrument-0001'), 'ALGO_BROKER_REFUSED', unknown),
  row(
    'a failed validation',
    body('e-property-validation-failed', 'Bad Request'),
    'ALGO_BROKER_REFUSED',
    'invalid-request',
  ),
  row('Bad Request under another code', body('e-x-1', 'Bad Request'), 'ALGO_BROKER_REFUSED', unknown),
  row('a dealer’s client', body('e-x-1', 'Client is not mapped under dealer'), 'ALGO_BROKER_REFUSED', unknown),
  row('a code nobody knows', body('e-orders-9999'), 'ALGO_BROKER_REFUSED', unknown),
  row('an error in data', { data: body('e-session-0005') }, 'ALGO_SESSION_EXPIRED', 'session'),
  row('a code without a type', { code: 'e-token-0001', description: 'x' }, 'ALGO_SESSION_EXPIRED', 'session'),
  row('an unknown error under 500', body('e-x-1'), 'ALGO_BROKER_UNAVAILABLE', unknown, 500),
  row('an unknown error under 401', body('e-x-1'), 'ALGO_SESSION_EXPIRED', unknown, 401),
  row('HTML under 200', undefined, 'ALGO_REPLY_UNREADABLE', unknown, 200),
  row('HTML under 400', undefined, 'ALGO_REPLY_UNREADABLE', unknown, 400),
  row('HTML under 401', undefined, 'ALGO_SESSION_EXPIRED', unknown, 401),
  row('HTML under 404', undefined, 'ALGO_REPLY_UNREADABLE', unknown, 404),
  row('HTML under 429', undefined, 'ALGO_RATE_LIMITED', unknown, 429),
  row('HTML under 502', undefined, 'ALGO_BROKER_UNAVAILABLE', unknown, 502),
  row('a redirect', undefined, 'ALGO_REPLY_UNREADABLE', unknown, 302),
];

describe('every error XTS is known to give', () => {
  test.each(ROWS)('$what under HTTP $status: a read throws $read, a command ends as $command', (given) => {
    const error = faults.read(given.status, given.body, 'reads');
    expect(error.code).toBe(given.read);
    expect(error.effect).toBe('none');
    const reply = faults.command(given.status, given.body);
    expect(reply.kind === 'rejected' ? reply.reason : reply.kind).toBe(given.command);
  });

  test.each(ROWS)('$what proves nothing about a command under 5xx, success or a redirect', (given) => {
    for (const status of [200, 202, 302, 500, 502, 503, 504])
      expect(faults.command(status, given.body).kind).toBe('unknown');
  });

  test('the recorded errors read as the sheet says', () => {
    const recorded = fixture('errors.json');
    const codes = Array.isArray(recorded)
      ? recorded.map((one) => [one.name, faults.read(one.http, one.body, 'book').code])
      : [];
    expect(codes).toEqual([
      ['empty_order_book', 'ALGO_NO_DATA'],
      ['session_replaced', 'ALGO_SESSION_EXPIRED'],
      ['bad_login', 'ALGO_BROKER_REFUSED'],
      ['rate_limited', 'ALGO_RATE_LIMITED'],
      ['validation', 'ALGO_BROKER_REFUSED'],
    ]);
  });
});

test('a 429 refuses a command only when the host said that it does, and only with the broker’s own code', () => {
  for (const given of ROWS) expect(faults.command(429, given.body).kind).toBe('unknown');
  const told = createFaults({ broker: 'jainam', rateLimitIsRefusal: true });
  for (const status of [400, 429]) {
    expect(told.command(status, body('e-apirl-0004'))).toMatchObject({ kind: 'rejected', reason: 'rate-limited' });
  }
  expect(told.command(429, undefined).kind).toBe('unknown');
  expect(told.command(429, body('e-session-0005')).kind).toBe('unknown');
  expect(told.command(500, body('e-apirl-0004')).kind).toBe('unknown');
});

const ended = { type: 'error', code: 'e-token-0001', description: 'x' };

test.each([
  ['an order id', { ...ended, result: { AppOrderID: 12345 } }],
  ['an order id in other letters', { ...ended, result: { appOrderID: '12345' } }],
  ['an order id that is none', { ...ended, result: { AppOrderID: 2.5 } }],
  ['an order id beside the result', { ...ended, AppOrderID: 12345 }],
  ['an order id in a list', { ...ended, result: [{ AppOrderID: 12345 }] }],
  ['a success around it', { type: 'success', code: 's-orders-0001', result: {}, data: ended }],
  ['a success inside it', { ...ended, data: { type: 'success' } }],
])('a refusal with %s proves nothing', (_what, given) => {
  expect(faults.command(400, given).kind).toBe('unknown');
});

test.each([null, '', ' '])('an order id of %j is none, and the refusal counts', (AppOrderID) => {
  expect(faults.command(400, { ...ended, result: { AppOrderID } }).kind).toBe('rejected');
});

test('a failed validation says which fields are wrong', () => {
  const validation = {
    type: 'error',
    code: 'e-property-validation-failed',
    description: 'Bad Request',
    result: { errors: [{ field: ['orderQuantity'], messages: ['"orderQuantity" is required', 5] }, null, 'x'] },
  };
  expect(faults.command(400, validation)).toEqual({
    kind: 'rejected',
    reason: 'invalid-request',
    brokerCode: 'e-property-validation-failed',
    brokerText: 'Bad Request; "orderQuantity" is required',
  });
});

test('details carry the code and the sentence; a missing page hints at the prefix', () => {
  expect(faults.read(400, body('e-orders-0001', 'Order not found'), 'book').details).toEqual({
    broker: 'jainam',
    reason: 'not-found',
    brokerCode: 'e-orders-0001',
    brokerText: 'Order not found',
  });
  expect(faults.read(429, undefined, 'book').details).toEqual({ family: 'book', retryAfterMs: 1_000 });
  expect(faults.read(404, undefined, 'book').message).toContain('wrong path prefix');
  expect(faults.command(400, body('e-orders-0001'))).toEqual({ kind: 'unknown', why: 'HTTP 400 with e-orders-0001' });
});

test.each([
  ['orders', NO_ORDERS, 'e-orders-0005'],
  ['trades', NO_TRADES, 'e-tradebook-0005'],
  ['positions', NO_POSITIONS, 'e-portfolio-0005'],
  ['holdings', NO_HOLDINGS, 'e-holdings-0005'],
] as const)('no %s: only by the exact code, words and status', (_what, answer, code) => {
  expect(saysNone(answer, 400, body(code, NONE))).toBe(true);
  expect(saysNone(answer, 400, body(code, 'Invalid Token'))).toBe(false);
  expect(saysNone(answer, 400, body(code))).toBe(false);
  expect(saysNone(answer, 400, body('e-other-0005', NONE))).toBe(false);
  expect(saysNone(answer, 400, undefined)).toBe(false);
  for (const status of [200, 401, 404, 429, 500, 503]) expect(saysNone(answer, status, body(code, NONE))).toBe(false);
});

test('an order that is not there is none, but not when it is about the session', () => {
  expect(saysNone(NO_SUCH_ORDER, 400, body('e-orders-0001'))).toBe(true);
  expect(saysNone(NO_SUCH_ORDER, 400, body('e-orders-0001', 'Invalid Token'))).toBe(false);
  expect(saysNone(NO_SUCH_ORDER, 400, body('e-orders-0001', 'Invalid Token for the order'))).toBe(false);
});

test('any body under any status gives an AlgoError for a read and a reply for a command', () => {
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        type: fc.oneof(fc.constantFrom('error', 'success'), fc.anything()),
        code: fc.oneof(fc.constantFrom('e-session-0005', 'e-orders-0005'), fc.anything()),
        description: fc.anything(),
        result: fc.oneof(fc.anything(), fc.record({ errors: fc.array(fc.anything()) })),
        data: fc.anything(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, given) => {
      expect(isAlgoError(faults.read(status, given, 'reads'))).toBe(true);
      expect(['rejected', 'unknown']).toContain(faults.command(status, given).kind);
    }),
    { numRuns: FUZZ_RUNS },
  );
});
