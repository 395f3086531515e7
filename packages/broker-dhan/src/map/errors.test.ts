import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { fixture, FUZZ_RUNS } from '../../test/support/account.js';
import { NO_HOLDINGS, NO_SUCH_TAG, commandFault, readFault, saysNone } from './errors.js';

const trading = (errorCode: unknown, errorMessage = 'something'): unknown => ({
  errorType: 'Some_Error',
  errorCode,
  errorMessage,
});
const data = (code: string, message = 'something'): unknown => ({ status: 'failed', data: { [code]: message } });
const charts = (internalErrorMessage: string): unknown => ({
  errorCode: 'NONE',
  httpStatus: 'BAD_REQUEST',
  internalErrorCode: 'RS-9005',
  internalErrorMessage,
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

const unknown = 'unknown';
const MISSING = 'Missing required fields, bad values for parameters etc.';

const ROWS: readonly Row[] = [
  { what: 'DH-901', status: 401, body: trading('DH-901'), read: 'ALGO_SESSION_EXPIRED', command: 'session' },
  { what: 'DH-902', status: 400, body: trading('DH-902'), read: 'ALGO_NOT_ENTITLED', command: 'not-enabled' },
  { what: 'DH-903', status: 400, body: trading('DH-903'), read: 'ALGO_NOT_ENTITLED', command: 'not-enabled' },
  { what: 'DH-904', status: 429, body: trading('DH-904'), read: 'ALGO_RATE_LIMITED', command: 'rate-limited' },
  {
    what: 'DH-905',
    status: 400,
    body: trading('DH-905', MISSING),
    read: 'ALGO_BROKER_REFUSED',
    command: 'invalid-request',
  },
  {
    what: 'DH-905 about the IP',
    status: 400,
    body: trading('DH-905', 'Invalid IP'),
    read: 'ALGO_STATIC_IP_REFUSED',
    command: 'static-ip',
  },
  {
    what: 'DH-906 about the IP',
    status: 400,
    body: trading('DH-906', 'Invalid IP address'),
    read: 'ALGO_STATIC_IP_REFUSED',
    command: 'static-ip',
  },
  {
    what: 'DH-901 about the IP',
    status: 401,
    body: trading('DH-901', 'Invalid IP'),
    read: 'ALGO_STATIC_IP_REFUSED',
    command: 'static-ip',
  },
  {
    what: 'DH-906 Invalid Token',
    status: 400,
    body: trading('DH-906', 'Invalid Token'),
    read: 'ALGO_SESSION_EXPIRED',
    command: 'session',
  },
  {
    what: 'DH-906 closed',
    status: 400,
    body: trading('DH-906', 'Market is Closed! Want to place an offline order?'),
    read: 'ALGO_BROKER_REFUSED',
    command: 'market-closed',
  },
  {
    what: 'DH-906 trigger',
    status: 400,
    body: trading('DH-906', 'Trigger Price should be greater than Price'),
    read: 'ALGO_BROKER_REFUSED',
    command: 'price',
  },
  {
    what: 'DH-906 failed',
    status: 400,
    body: trading('DH-906', 'Transaction has Failed'),
    read: 'ALGO_BROKER_REFUSED',
    command: 'other',
  },
  { what: 'DH-907', status: 400, body: trading('DH-907'), read: 'ALGO_NO_DATA', command: unknown },
  { what: 'DH-908', status: 500, body: trading('DH-908'), read: 'ALGO_BROKER_UNAVAILABLE', command: unknown },
  { what: 'DH-908 under 400', status: 400, body: trading('DH-908'), read: 'ALGO_BROKER_UNAVAILABLE', command: unknown },
  { what: 'DH-909', status: 500, body: trading('DH-909'), read: 'ALGO_BROKER_UNAVAILABLE', command: unknown },
  { what: 'DH-910', status: 400, body: trading('DH-910'), read: 'ALGO_BROKER_REFUSED', command: unknown },
  { what: 'DH-911', status: 400, body: trading('DH-911'), read: 'ALGO_STATIC_IP_REFUSED', command: 'static-ip' },
  { what: 'DH-1111', status: 400, body: trading('DH-1111'), read: 'ALGO_NO_DATA', command: unknown },
  { what: '800', status: 400, body: data('800'), read: 'ALGO_BROKER_UNAVAILABLE', command: unknown },
  { what: '804', status: 400, body: data('804'), read: 'ALGO_BROKER_REFUSED', command: unknown },
  { what: '805', status: 429, body: data('805'), read: 'ALGO_RATE_LIMITED', command: unknown },
  { what: '806', status: 200, body: data('806'), read: 'ALGO_NOT_ENTITLED', command: unknown },
  { what: '806 as a number', status: 400, body: trading(806), read: 'ALGO_NOT_ENTITLED', command: unknown },
  ...['807', '808', '809', '810'].map((code) => ({
    what: code,
    status: 401,
    body: data(code),
    read: 'ALGO_SESSION_EXPIRED',
    command: unknown,
  })),
  ...['811', '812', '813', '814'].map((code) => ({
    what: code,
    status: 400,
    body: data(code),
    read: 'ALGO_BROKER_REFUSED',
    command: unknown,
  })),
  { what: 'RS-9005 no data', status: 400, body: charts('Data not available'), read: 'ALGO_NO_DATA', command: unknown },
  {
    what: 'RS-9005 input',
    status: 500,
    body: charts('For input string: "x"'),
    read: 'ALGO_BROKER_REFUSED',
    command: unknown,
  },
  { what: 'RS-9005 other', status: 400, body: charts('Something else'), read: 'ALGO_BROKER_REFUSED', command: unknown },
  {
    what: 'framework 404',
    status: 404,
    body: { timestamp: 1, status: 404, error: 'Not Found', path: '/v2/x' },
    read: 'ALGO_BROKER_REFUSED',
    command: unknown,
  },
  {
    what: 'two minutes',
    status: 200,
    body: { status: 'error', message: 'Token can be generated once every 2 minutes.' },
    read: 'ALGO_RATE_LIMITED',
    command: unknown,
  },
  { what: 'a code nobody knows', status: 400, body: trading('DH-999'), read: 'ALGO_BROKER_REFUSED', command: unknown },
  {
    what: 'a sandbox type without a code',
    status: 400,
    body: { errorType: 'HOLDING_ERROR' },
    read: 'ALGO_BROKER_REFUSED',
    command: unknown,
  },
  {
    what: 'failed without a code',
    status: 200,
    body: { status: 'failed', remarks: 'x' },
    read: 'ALGO_BROKER_REFUSED',
    command: unknown,
  },
  { what: 'HTML under 200', status: 200, body: undefined, read: 'ALGO_REPLY_UNREADABLE', command: unknown },
  { what: 'HTML under 400', status: 400, body: undefined, read: 'ALGO_REPLY_UNREADABLE', command: unknown },
  { what: 'HTML under 401', status: 401, body: undefined, read: 'ALGO_SESSION_EXPIRED', command: unknown },
  { what: 'HTML under 403', status: 403, body: undefined, read: 'ALGO_REPLY_UNREADABLE', command: unknown },
  { what: 'HTML under 429', status: 429, body: undefined, read: 'ALGO_RATE_LIMITED', command: unknown },
  { what: 'HTML under 502', status: 502, body: undefined, read: 'ALGO_BROKER_UNAVAILABLE', command: unknown },
  { what: 'a redirect', status: 302, body: undefined, read: 'ALGO_REPLY_UNREADABLE', command: unknown },
];

describe('every error the broker is known to give', () => {
  test.each(ROWS)('$what under HTTP $status: a read throws $read, a command ends as $command', (row) => {
    const error = readFault(row.status, row.body, 'reads');
    expect(error.code).toBe(row.read);
    expect(error.effect).toBe('none');
    const reply = commandFault(row.status, row.body);
    expect(reply.kind === 'rejected' ? reply.reason : reply.kind).toBe(row.command);
  });

  test.each(ROWS)('$what proves nothing about a command once the status is 500 or more', (row) => {
    for (const status of [500, 502, 503, 504]) expect(commandFault(status, row.body).kind).toBe('unknown');
  });

  test.each(ROWS)('$what proves nothing about a command under a status of success or redirect', (row) => {
    for (const status of [200, 202, 302]) expect(commandFault(status, row.body).kind).toBe('unknown');
  });

  test('a 429 refuses a command only with the code of the broker itself in it', () => {
    expect(commandFault(429, trading('DH-904')).kind).toBe('rejected');
    for (const row of ROWS.filter(({ command }) => command !== 'rate-limited')) {
      expect(commandFault(429, row.body).kind).toBe('unknown');
    }
  });

  test('the recorded errors read as the sample says', () => {
    const recorded = fixture('errors.json');
    const codes = Array.isArray(recorded) ? recorded.map(({ http, body }) => readFault(http, body, 'data').code) : [];
    expect(codes).toEqual([
      'ALGO_SESSION_EXPIRED',
      'ALGO_BROKER_REFUSED',
      'ALGO_NOT_ENTITLED',
      'ALGO_BROKER_REFUSED',
      'ALGO_BROKER_REFUSED',
    ]);
  });
});

test('details carry the code and the whole sentence of the broker: core cuts it after taking secrets out', () => {
  const error = readFault(400, trading('DH-906', 'x'.repeat(5_000)), 'reads');
  expect(error.details).toEqual({
    broker: 'dhan',
    reason: 'other',
    brokerCode: 'DH-906',
    brokerText: 'x'.repeat(5_000),
  });
  const reply = commandFault(400, trading('DH-906', 'x'.repeat(5_000)));
  expect(reply).toEqual({ kind: 'rejected', reason: 'other', brokerCode: 'DH-906', brokerText: 'x'.repeat(5_000) });
});

test.each([
  ['DH-904', 429, trading('DH-904'), 1_000],
  ['805', 429, data('805'), 60_000],
  ['a new token too soon', 200, { status: 'error', message: 'Token can be generated once every 2 minutes.' }, 120_000],
  ['a gateway', 429, undefined, 30_000],
])('says how long to wait after %s', (_what, status, body, retryAfterMs) => {
  expect(readFault(status, body, 'quotes').details).toEqual({ family: 'quotes', retryAfterMs });
});

test('DH-905 means that no order has the tag, but not when it is about the IP or the token, nor under another status', () => {
  expect(saysNone(NO_SUCH_TAG, 400, trading('DH-905', MISSING))).toBe(true);
  expect(saysNone(NO_SUCH_TAG, 400, trading('DH-905', 'Invalid IP'))).toBe(false);
  expect(saysNone(NO_SUCH_TAG, 400, trading('DH-905', 'Invalid Token'))).toBe(false);
  expect(saysNone(NO_SUCH_TAG, 400, trading('DH-906'))).toBe(false);
  for (const status of [401, 404, 429, 500, 503]) expect(saysNone(NO_SUCH_TAG, status, trading('DH-905'))).toBe(false);
  expect(saysNone(NO_SUCH_TAG, 400, undefined)).toBe(false);
});

test('DH-1111 means no holdings, whatever the status', () => {
  for (const status of [400, 404, 500]) expect(saysNone(NO_HOLDINGS, status, trading('DH-1111'))).toBe(true);
});

test('any body under any status gives an AlgoError for a read and a reply for a command', () => {
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.record({ errorCode: fc.anything(), errorMessage: fc.anything(), status: fc.anything(), data: fc.anything() }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, body) => {
      expect(isAlgoError(readFault(status, body, 'reads'))).toBe(true);
      expect(['rejected', 'unknown']).toContain(commandFault(status, body).kind);
    }),
    { numRuns: FUZZ_RUNS },
  );
});
