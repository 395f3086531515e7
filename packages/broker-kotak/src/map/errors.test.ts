import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { fixture } from '../../test/support/account.js';
import { commandFault, readFault, saysNone } from './errors.js';
import { fromOrderReply, fromPlaceReply } from './from-wire/commands.js';

const trading = (stCode: unknown, emsg = 'something'): unknown => ({ stat: 'Not_Ok', emsg, stCode });

interface Row {
  readonly what: string;
  readonly status?: number;
  readonly body: unknown;
  /** What a read throws. */
  readonly read: string;
  /** What a place, and then what a modify or cancel, ends as: a reject reason, or unknown. */
  readonly place: string;
  readonly change: string;
}

const READS = { family: 'reads', signedBy: 'session' } as const;
const QUOTES = { family: 'quotes', signedBy: 'access-token' } as const;

const unknown = 'unknown';
const both = (reason: string): Pick<Row, 'place' | 'change'> => ({ place: reason, change: reason });
const EXPIRED = 'ALGO_SESSION_EXPIRED';
const REFUSED = 'ALGO_BROKER_REFUSED';
const STATIC_IP = 'ALGO_STATIC_IP_REFUSED';
const BARRED = 'ALGO_NOT_ENTITLED';

const ROWS: readonly Row[] = [
  { what: '1003', body: trading(1003), read: EXPIRED, ...both('session') },
  { what: '1003 as text', body: trading('1003'), read: EXPIRED, ...both('session') },
  { what: '100022', body: trading(100022, 'invalid session token'), read: EXPIRED, ...both('session') },
  {
    what: '100022 with a sentence for stat',
    body: { stat: 'error in neo-login-check-api', stCode: 100022, errMsg: 'invalid session token' },
    read: EXPIRED,
    ...both('session'),
  },
  { what: '900901 of the gateway', status: 401, body: { fault: { code: 900901 } }, read: EXPIRED, ...both(unknown) },
  { what: '900901 in the usual shape', body: trading(900901), read: EXPIRED, ...both(unknown) },
  { what: '1037', body: trading(1037, 'session ip does not match'), read: STATIC_IP, ...both('static-ip') },
  { what: '1037 under 403', status: 403, body: trading(1037), read: STATIC_IP, ...both('static-ip') },
  { what: '100008', status: 401, body: trading(100008, 'unauthorized'), read: STATIC_IP, ...both('static-ip') },
  {
    what: 'the address under a session code',
    body: trading(1003, 'Session IP does not match'),
    read: STATIC_IP,
    ...both('static-ip'),
  },
  { what: '1004', body: fixture('place_order_error_1004.json'), read: REFUSED, ...both('margin') },
  { what: '1006', body: trading(1006), read: REFUSED, place: unknown, change: 'order-not-open' },
  {
    what: '1021 with a sentence for stat',
    body: fixture('modify_order_error_1021.json'),
    read: REFUSED,
    place: unknown,
    change: 'order-not-open',
  },
  { what: '1009', body: trading(1009, 'Invalid instrument/code'), read: REFUSED, ...both('instrument') },
  {
    what: 'a missing field',
    status: 400,
    body: fixture('login_totp_missing_field_400.json'),
    read: REFUSED,
    ...both('invalid-request'),
  },
  {
    what: 'the same code with another sentence',
    status: 400,
    body: { error: [{ code: '400', message: 'Bad Request' }] },
    read: REFUSED,
    ...both(unknown),
  },
  { what: '5203', body: fixture('empty_book_5203.json'), read: 'ALGO_NO_DATA', ...both(unknown) },
  { what: 'a code nobody knows', body: trading(1999), read: REFUSED, ...both(unknown) },
  { what: 'no code', body: { stat: 'Not_Ok', emsg: 'no' }, read: REFUSED, ...both(unknown) },
  { what: 'a sentence for stat and no code', body: { stat: 'no such thing' }, read: REFUSED, ...both(unknown) },
  { what: 'a code beside Ok', body: { stat: 'Ok', stCode: 1004 }, read: 'ALGO_REPLY_UNREADABLE', ...both(unknown) },
  { what: 'a code without stat', body: { stCode: 1004, emsg: 'x' }, read: REFUSED, ...both('margin') },
  {
    what: 'candles',
    body: { status: 'ERROR', fault: { code: 'X1', message: 'no' } },
    read: REFUSED,
    ...both(unknown),
  },
  {
    what: 'a log-in error',
    status: 401,
    body: { status: 'error', message: 'Invalid MPIN.', errorCode: '401' },
    read: EXPIRED,
    ...both(unknown),
  },
  {
    what: 'the 404 of the framework',
    status: 404,
    body: { timestamp: 1, status: 404, error: 'Not Found', path: '/x' },
    read: REFUSED,
    ...both(unknown),
  },
  { what: '429 with a table code', status: 429, body: trading(1004), read: REFUSED, ...both(unknown) },
  { what: '429', status: 429, body: {}, read: 'ALGO_RATE_LIMITED', ...both(unknown) },
  { what: '408 with a table code', status: 408, body: trading(1004), read: REFUSED, ...both(unknown) },
  { what: '500 with a table code', status: 500, body: trading(1004), read: REFUSED, ...both(unknown) },
  {
    what: '500 with a code nobody knows',
    status: 500,
    body: trading(1),
    read: 'ALGO_BROKER_UNAVAILABLE',
    ...both(unknown),
  },
  { what: '302', status: 302, body: trading(1004), read: REFUSED, ...both(unknown) },
  { what: '401 with an object', status: 401, body: { message: 'no' }, read: EXPIRED, ...both(unknown) },
  { what: '403 with an object', status: 403, body: {}, read: BARRED, ...both(unknown) },
  { what: '403 with a sentence', status: 403, body: { message: 'Forbidden' }, read: BARRED, ...both(unknown) },
  { what: '403 with an unknown code', status: 403, body: trading(1999), read: BARRED, ...both(unknown) },
  {
    what: 'an address under 401',
    status: 401,
    body: { message: 'IP not whitelisted' },
    read: STATIC_IP,
    ...both(unknown),
  },
];

describe.each(ROWS)('$what', ({ status = 200, body, read, place, change }) => {
  test(`is ${read} for a read`, () => {
    expect(readFault(status, body, false, READS).code).toBe(read);
  });

  test.each([
    ['place', place],
    ['change', change],
  ] as const)('ends a %s as %s', (command, end) => {
    const reply = commandFault(status, body, command);
    expect(reply.kind === 'rejected' ? reply.reason : reply.kind).toBe(end);
  });
});

test.each([
  [500, 'ALGO_BROKER_UNAVAILABLE'],
  [502, 'ALGO_BROKER_UNAVAILABLE'],
  [503, 'ALGO_BROKER_UNAVAILABLE'],
  [504, 'ALGO_BROKER_UNAVAILABLE'],
  [429, 'ALGO_RATE_LIMITED'],
  [200, 'ALGO_REPLY_UNREADABLE'],
  [400, 'ALGO_REPLY_UNREADABLE'],
  [404, 'ALGO_REPLY_UNREADABLE'],
])('a reply of status %i that is not JSON is %s for a read, and unknown for a command', (status, code) => {
  expect(readFault(status, undefined, false, READS).code).toBe(code);
  expect(commandFault(status, undefined, 'place').kind).toBe('unknown');
});

test.each([401, 403])('neither a web page nor an empty body under %i is a word about the session', (status) => {
  expect(readFault(status, undefined, false, READS).code).toBe('ALGO_REPLY_UNREADABLE');
  expect(readFault(status, undefined, true, READS).code).toBe(BARRED);
  expect(commandFault(status, undefined, 'place').kind).toBe('unknown');
});

test.each([
  ['1003', 200, trading(1003), false],
  ['100022', 200, trading(100022, 'invalid session token'), false],
  ['900901', 401, { fault: { code: 900901, message: 'Invalid Credentials' } }, false],
  ['401', 401, { message: 'x' }, false],
  ['401 with nothing', 401, undefined, true],
  ['403', 403, { message: 'forbidden' }, false],
  ['403 with nothing', 403, undefined, true],
] as const)(
  'where the access token alone signs, %s never says that the session is over',
  (_what, status, body, blank) => {
    expect(readFault(status, body, blank, QUOTES).code).toBe(BARRED);
  },
);

test('the addresses stay what they are where the access token alone signs', () => {
  expect(readFault(401, trading(100008, 'unauthorized'), false, QUOTES).code).toBe(STATIC_IP);
});

const shortOfMoney = { stat: 'Not_Ok', stCode: 1004, emsg: 'Insufficient balance.' };

test.each([
  ['an id that is no id', { ...shortOfMoney, nOrdNo: 2.5 }],
  ['an id beyond 2^53', { ...shortOfMoney, nOrdNo: 2 ** 60 }],
  ['an id in data', { ...shortOfMoney, data: { nOrdNo: '250122000624384' } }],
  ['an id in a list', { ...shortOfMoney, data: [{ nOrdNo: '250122000624384' }] }],
  ['an id that is an object', { ...shortOfMoney, nOrdNo: {} }],
  ['an id in other letters', { ...shortOfMoney, nordno: '250122000624384' }],
  ['an Ok beside a fault', { stat: 'Ok', stCode: 200, fault: { code: 1003, message: 'x' } }],
  [
    'an Ok beside a list of errors',
    { stat: 'Ok', stCode: 200, error: [{ code: '400', message: 'Missing required field' }] },
  ],
])('a refusal beside %s proves nothing', (_what, body) => {
  for (const command of ['place', 'change'] as const) expect(commandFault(200, body, command).kind).toBe('unknown');
});

test.each([
  ['fault', { code: 1003, message: 'x' }],
  ['error', { code: '400', message: 'x' }],
  ['error', [{ code: '400', message: 'x' }]],
  ['error', 'Not Found'],
])('Ok and 200 beside a %s is no yes: %j', (name, error) => {
  const reply = { status: 200, json: () => ({ stat: 'Ok', stCode: 200, nOrdNo: '1', [name]: error }) };
  expect(fromPlaceReply(reply).kind).toBe('unknown');
  expect(fromOrderReply(reply, '1').kind).toBe('unknown');
});

test('Ok and 200 beside an error that is null stays a yes', () => {
  const reply = { status: 200, json: () => ({ stat: 'Ok', stCode: 200, nOrdNo: '1', error: null, fault: null }) };
  expect(fromPlaceReply(reply)).toEqual({ kind: 'acknowledged', brokerOrderId: '1' });
});

test.each([null, '', ' ', 'NA', '--'])('an order number of %j is none, and the refusal counts', (nOrdNo) => {
  expect(commandFault(200, { ...shortOfMoney, nOrdNo }, 'place').kind).toBe('rejected');
});

test('a refusal keeps the code and the sentence of the broker', () => {
  expect(commandFault(200, fixture('place_order_error_1004.json'), 'place')).toEqual({
    kind: 'rejected',
    reason: 'margin',
    brokerCode: '1004',
    brokerText: 'Insufficient balance.',
  });
  expect(readFault(404, { status: 404, error: 'Not Found' }, false, READS).details).toMatchObject({
    reason: 'not-found',
    brokerText: 'Not Found',
  });
  expect(readFault(200, { stat: 'please log in again' }, false, READS).details).toMatchObject({
    brokerText: 'please log in again',
  });
});

test('an empty book is one only by its own code and sentence', () => {
  const empty = fixture('empty_book_5203.json');
  expect(saysNone(200, empty)).toBe(true);
  expect(saysNone(404, empty)).toBe(true);
  expect(saysNone(500, empty)).toBe(false);
  for (const body of [
    trading(5203, 'database not reachable'),
    trading(5203, ''),
    trading(5204, 'No Data'),
    { stat: 'Ok', stCode: 200 },
    [],
    null,
    undefined,
  ])
    expect(saysNone(200, body)).toBe(false);
});

const INPUTS = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;

const anyBody = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      stat: fc.oneof(fc.string(), fc.jsonValue()),
      stCode: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
      emsg: fc.jsonValue(),
      errMsg: fc.string(),
      error: fc.jsonValue(),
      fault: fc.jsonValue(),
      status: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);

const KNOWN = /^(?:1003|1004|1006|1009|1021|1037|100008|100022|400)$/;

test('whatever an error body holds, reading it gives an error of ours, and no refusal without a code or a word of the table', () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), anyBody, fc.boolean(), (status, body, blank) => {
      expect(isAlgoError(readFault(status, body, blank, READS))).toBe(true);
      saysNone(status, body);
      const reply = commandFault(status, body, 'change');
      if (reply.kind !== 'rejected') return;
      expect(status < 500 && status !== 429).toBe(true);
      expect(KNOWN.test(reply.brokerCode ?? '') || /ip does not match/i.test(reply.brokerText)).toBe(true);
    }),
    { numRuns: INPUTS },
  );
});
