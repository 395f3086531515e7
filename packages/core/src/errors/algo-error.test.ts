import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { AlgoError, isAlgoError } from './algo-error.js';
import { describeError } from './codes.js';
import type { AlgoErrorCode, AlgoErrorDetails } from './codes.js';

/** One plausible set of details for every code there is. */
const SAMPLES: { readonly [Code in AlgoErrorCode]: AlgoErrorDetails[Code] } = {
  ALGO_INVALID_INPUT: { problems: [{ field: 'quantity', problem: 'must be above zero' }] },
  ALGO_UNKNOWN_BROKER: { broker: 'dhan', known: [] },
  ALGO_UNKNOWN_INSTRUMENT: { instrument: 'NSE:X', broker: 'dhan' },
  ALGO_PRICE_OFF_TICK: { field: 'price', price: '100.03', tick: '0.05', nearest: '100.05' },
  ALGO_PRICE_NOT_ALLOWED: { field: 'price', type: 'MARKET', why: 'leave it out' },
  ALGO_QUANTITY_OFF_LOT: { quantity: 66, lotSize: 65, nearest: 65 },
  ALGO_QUANTITY_ABOVE_FREEZE: { quantity: 2_000, largest: 1_755 },
  ALGO_QUANTITY_UNIT_UNKNOWN: { instrument: 'MCX:GOLD', broker: 'dhan' },
  ALGO_CONTRACT_EXPIRED: { instrument: 'NFO:NIFTY:2026-11-17:FUT', expiry: '2026-11-17' },
  ALGO_PRODUCT_NOT_ALLOWED: { product: 'CNC', exchange: 'NFO', allowed: ['MIS', 'NRML'] },
  ALGO_NOT_SUPPORTED: { broker: 'dhan', what: 'orders in an index' },
  ALGO_CLIENT_ORDER_ID_REUSED: { clientOrderId: 'c1' },
  ALGO_UNKNOWN_ORDER: { clientOrderId: 'c1' },
  ALGO_CLOSED: { what: 'manager' },
  ALGO_NOT_CONNECTED: { broker: 'dhan', account: 'main' },
  ALGO_CONNECTION_UNCLEAR: { connections: ['dhan/a', 'dhan/b'] },
  ALGO_ORDERS_UNSETTLED: { broker: 'dhan', account: 'main', orders: 2 },
  ALGO_NO_CREDENTIALS: { broker: 'dhan', account: 'main' },
  ALGO_LOGIN_REFUSED: { broker: 'dhan', brokerCode: null, brokerText: '' },
  ALGO_LOGIN_NEEDED: { broker: 'dhan', account: 'main', why: 'the token is over' },
  ALGO_SESSION_EXPIRED: { broker: 'dhan', brokerCode: null },
  ALGO_WRONG_ACCOUNT: { broker: 'dhan', account: 'main' },
  ALGO_BROKER_DISABLED: { broker: 'dhan' },
  ALGO_CONNECTION_OWNED: { broker: 'dhan', account: 'main' },
  ALGO_SESSION_TAKEN_OVER: { broker: 'dhan', account: 'main', times: 4 },
  ALGO_SESSION_IN_USE: { broker: 'dhan', account: 'main' },
  ALGO_USER_STOPPED: { userId: 'u1' },
  ALGO_TOO_MANY: { what: 'connections of this user', limit: 100 },
  ALGO_NOT_CONFIRMED: { why: 'the token is not known' },
  ALGO_ALL_BROKERS_DOWN: { connections: ['dhan/main'] },
  ALGO_BROKER_UNREACHABLE: { broker: 'dhan', cause: 'ECONNREFUSED' },
  ALGO_BROKER_UNAVAILABLE: { broker: 'dhan', status: null, brokerCode: null },
  ALGO_BROKER_REFUSED: { broker: 'dhan', reason: 'margin', brokerCode: null, brokerText: '' },
  ALGO_REPLY_UNREADABLE: { broker: 'dhan', status: 200, why: 'it is a web page' },
  ALGO_REPLY_TOO_LARGE: { broker: 'dhan', limitBytes: 8_388_608 },
  ALGO_NOT_ENTITLED: { broker: 'dhan', brokerCode: null, brokerText: '' },
  ALGO_STATIC_IP_REFUSED: { broker: 'dhan', brokerCode: null },
  ALGO_NO_DATA: { broker: 'dhan', brokerCode: null },
  ALGO_DEADLINE: { deadlineMs: 5_000 },
  ALGO_RATE_LIMITED: { family: 'orders', retryAfterMs: 120 },
  ALGO_CIRCUIT_OPEN: { lane: 'orders', retryAtMs: 1 },
  ALGO_HOST_NOT_ALLOWED: { host: 'evil.example', why: 'only https is used' },
  ALGO_ADAPTER_FAULT: { broker: 'dhan', why: 'it threw TypeError' },
  ALGO_INSTRUMENTS_REFUSED: { broker: 'dhan', why: 'it has no readable row' },
  ALGO_STORE_IN_USE: { path: 'algo.db' },
  ALGO_STORE_UNUSABLE: { path: 'algo.db', why: 'it is read-only' },
  ALGO_STORE_FAILED: { what: 'the journal', why: 'the disk is full' },
  ALGO_STORE_CONFLICT: { what: 'The credentials of dhan/main' },
  ALGO_MIGRATION_NEEDED: { store: './orders.db', found: 1, wanted: 2 },
  ALGO_MIGRATION_FAILED: { store: './orders.db', why: 'the disk is full; make room' },
  ALGO_IMPORT_REFUSED: { source: 'trades_history.json', why: 'it is not JSON' },
  ALGO_DRIVER_UNSUITABLE: { driver: 'better-sqlite3', found: null, wanted: '12' },
  ALGO_KEY_UNUSABLE: { why: 'it can be read by others' },
  ALGO_UNDECRYPTABLE: { broker: 'dhan', account: 'main', keyId: null },
};

const CODES = Object.keys(SAMPLES) as AlgoErrorCode[];
const make = <Code extends AlgoErrorCode>(code: Code): AlgoError<Code> => new AlgoError(code, SAMPLES[code]);

test.each(CODES)('%s has a text that a person can read', (code) => {
  const text = describeError(code, SAMPLES[code]);
  expect(text).not.toMatch(/undefined|null|NaN|\[object|\$\{/);
  expect(text).toMatch(/\.$/);
  expect(text.length).toBeGreaterThan(15);
  expect(text.length).toBeLessThan(250);
});

/** Codes a person can mend, and the word that says how. */
const REMEDIES: readonly (readonly [AlgoErrorCode, RegExp])[] = [
  ['ALGO_INVALID_INPUT', /quantity must be above zero/],
  ['ALGO_UNKNOWN_BROKER', /Known here: none/],
  ['ALGO_UNKNOWN_INSTRUMENT', /Use the canonical form/],
  ['ALGO_PRICE_OFF_TICK', /nearest valid price is 100\.05/],
  ['ALGO_PRICE_NOT_ALLOWED', /leave it out/],
  ['ALGO_QUANTITY_OFF_LOT', /nearest valid quantity is 65/],
  ['ALGO_QUANTITY_ABOVE_FREEZE', /place several orders/],
  ['ALGO_QUANTITY_UNIT_UNKNOWN', /Check with the broker/],
  ['ALGO_CONTRACT_EXPIRED', /Choose a contract that still trades/],
  ['ALGO_PRODUCT_NOT_ALLOWED', /Use MIS or NRML/],
  ['ALGO_CLIENT_ORDER_ID_REUSED', /Use a new id/],
  ['ALGO_CLOSED', /Create a new one/],
  ['ALGO_NOT_CONNECTED', /Call establishConnection/],
  ['ALGO_CONNECTION_UNCLEAR', /Name one with connection/],
  ['ALGO_NO_CREDENTIALS', /Call credentials\.put/],
  ['ALGO_LOGIN_REFUSED', /Check the stored credentials/],
  ['ALGO_LOGIN_NEEDED', /Store fresh credentials/],
  ['ALGO_WRONG_ACCOUNT', /check the credentials/],
  ['ALGO_BROKER_DISABLED', /brokers.enable\('dhan'\)/],
  ['ALGO_CONNECTION_OWNED', /Stop that process/],
  ['ALGO_NOT_ENTITLED', /Enable it with the broker/],
  ['ALGO_STATIC_IP_REFUSED', /Register the static IP/],
  ['ALGO_RATE_LIMITED', /Try again in 120 ms/],
  ['ALGO_STORE_IN_USE', /stop the other one/],
  ['ALGO_STORE_CONFLICT', /Read it again/],
  ['ALGO_MIGRATION_NEEDED', /Run its migration/],
  ['ALGO_IMPORT_REFUSED', /Nothing was imported/],
  ['ALGO_DRIVER_UNSUITABLE', /Install better-sqlite3@12/],
  ['ALGO_UNDECRYPTABLE', /Hand over the right key/],
];

test.each(REMEDIES)('%s says what to do', (code, remedy) => {
  expect(describeError(code, SAMPLES[code])).toMatch(remedy);
});

test('tells what varies', () => {
  expect(describeError('ALGO_BROKER_UNAVAILABLE', { broker: 'dhan', status: 503, brokerCode: null })).toContain(
    'HTTP 503',
  );
  expect(describeError('ALGO_UNDECRYPTABLE', { broker: 'd', account: 'a', keyId: 'k1' })).toContain('it names key k1');
  const unsuitable = { driver: 'better-sqlite3', found: '9.0.0', wanted: '12' };
  expect(describeError('ALGO_DRIVER_UNSUITABLE', unsuitable)).toContain(
    'better-sqlite3 9.0.0 does not run on this Node',
  );
  expect(describeError('ALGO_UNKNOWN_BROKER', { broker: 'x', known: ['dhan', 'upstox'] })).toContain('dhan, upstox');
});

test('an error is an Error with a name, a code, an effect and a place in the guide', () => {
  const error = make('ALGO_DEADLINE');
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('AlgoError');
  expect(error.effect).toBe('none');
  expect(error.help).toBe('docs/guide/errors.md#algo_deadline');
  expect(error.message).toBe('No answer within 5000 ms.');
});

test('is known by its brand, also when it comes from another copy of core', () => {
  const foreign = {
    [Symbol.for('algo.error')]: true,
    code: 'ALGO_RATE_LIMITED',
    details: { family: 'x', retryAfterMs: 7 },
  };
  expect(isAlgoError(make('ALGO_DEADLINE'))).toBe(true);
  expect(isAlgoError(foreign)).toBe(true);
});

test.each([
  null,
  undefined,
  'ALGO_DEADLINE',
  7,
  {},
  new Error('x'),
  { code: 'ALGO_DEADLINE' },
  Symbol.for('algo.error'),
])('%o is none of ours', (value) => {
  expect(isAlgoError(value)).toBe(false);
});

test('comparing the code narrows the details', () => {
  const error: unknown = make('ALGO_RATE_LIMITED');
  if (!isAlgoError(error) || error.code !== 'ALGO_RATE_LIMITED') throw new Error('must be ours');
  const wait: number = error.details.retryAfterMs;
  expect(wait).toBe(120);
});

test('as JSON it shows what it says and nothing else', () => {
  expect(JSON.parse(JSON.stringify(make('ALGO_DEADLINE')))).toEqual({
    code: 'ALGO_DEADLINE',
    message: 'No answer within 5000 ms.',
    details: { deadlineMs: 5_000 },
    effect: 'none',
    help: 'docs/guide/errors.md#algo_deadline',
  });
});

test('another effect gives another error with the same failure; the same effect the same error', () => {
  const error = make('ALGO_DEADLINE');
  const unknown = error.withEffect('unknown');
  expect(error.withEffect('none')).toBe(error);
  expect(unknown.effect).toBe('unknown');
  expect(error.effect).toBe('none');
  expect({ code: unknown.code, details: unknown.details, message: unknown.message }).toEqual({
    code: error.code,
    details: error.details,
    message: error.message,
  });
});

test('scrubbing reaches nested texts and the message, and keeps code, effect and numbers', () => {
  const error = new AlgoError(
    'ALGO_BROKER_REFUSED',
    { broker: 'dhan', reason: 'other', brokerCode: 'E-canary', brokerText: 'bad token canary' },
    'unknown',
  );
  const clean = error.scrubbed((text) => text.replaceAll('canary', '***'));
  expect(inspect(clean, { depth: 9, showHidden: true })).not.toContain('canary');
  expect(clean.message).toContain('bad token ***');
  expect(clean.details.brokerCode).toBe('E-***');
  expect(clean.effect).toBe('unknown');

  const nested = new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'a canary', problem: 'is a canary' }] });
  const cleanNested = nested.scrubbed((text) => text.replaceAll('canary', '***'));
  expect(JSON.stringify(cleanNested)).not.toContain('canary');

  const numbers = new AlgoError('ALGO_RATE_LIMITED', { family: 'orders', retryAfterMs: 7 }).scrubbed((text) => text);
  expect(numbers.details).toEqual({ family: 'orders', retryAfterMs: 7 });
});

test('scrubbing gives the same error back when there is nothing to take out', () => {
  const error = new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'dhan', status: 503, brokerCode: null });
  expect(error.scrubbed((text) => text.replaceAll('canary', '***'))).toBe(error);
});

test.each([
  ['a cause', (error: AlgoError) => Object.defineProperty(error, 'cause', { value: new Error('canary') })],
  ['a field of its own', (error: AlgoError) => Object.assign(error, { request: 'canary' })],
  ['another message', (error: AlgoError) => Object.assign(error, { message: 'canary' })],
  ['details that are no plain data', (error: AlgoError) => Object.assign(error.details, { at: new URL('x:canary') })],
])('scrubbing leaves out %s, though no text of ours changes', (_what, attach) => {
  const error = new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'dhan', status: 503, brokerCode: null });
  attach(error);

  const clean = error.scrubbed((text) => text.replaceAll('canary', '***'));

  expect(inspect(clean, { depth: 9, showHidden: true })).not.toContain('canary');
  expect(clean.details).toMatchObject({ broker: 'dhan', status: 503 });
});
