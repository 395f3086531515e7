import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { KotakCredentials, Simulator, SimulatorOptions } from '../src/index.js';
import { startSimulator } from '../src/index.js';
import { totpAt } from '../src/totp.js';
import type { JsonReply, RawRequest, Row } from './support.js';
import { rowOf, rowsOf, send, steppingClock } from './support.js';

/** A trade session, as the second log-in step told it. */
export interface Session {
  readonly token: string;
  readonly sid: string;
  readonly baseUrl: string;
}

export interface KotakClient {
  readonly session: Session;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<JsonReply>;
  /** Sends the value as the form field `jData`. */
  form(path: string, jData: unknown, headers?: Readonly<Record<string, string>>): Promise<JsonReply>;
  place(changes?: Readonly<Record<string, unknown>>): Promise<JsonReply>;
  placed(changes?: Readonly<Record<string, unknown>>): Promise<string>;
  modify(jData: unknown): Promise<JsonReply>;
  cancel(jData: unknown): Promise<JsonReply>;
  /** Rows of the book; none for a 5203. */
  book(): Promise<readonly Row[]>;
  row(orderNumber: string): Promise<Row>;
  history(orderNumber: string): Promise<readonly Row[]>;
}

export const PLACE = '/quick/order/rule/ms/place';
export const MODIFY = '/quick/order/vr/modify';
export const CANCEL = '/quick/order/cancel';

/** Ten RELIANCE at 1390, ten rupees under the market: it rests. Every value is a text. */
export const LIMIT_BUY: Row = {
  am: 'NO',
  dq: '0',
  es: 'nse_cm',
  mp: '0',
  pc: 'MIS',
  pf: 'N',
  pr: '1390',
  pt: 'L',
  qt: '10',
  rt: 'DAY',
  tp: '0',
  ts: 'RELIANCE-EQ',
  tt: 'B',
};

export async function jsonOf(request: RawRequest): Promise<JsonReply> {
  const { status, text } = await send(request);
  return { status, json: JSON.parse(text) };
}

export const dataOf = (json: unknown): Row => rowOf(rowOf(json)['data']);
export const listOf = (json: unknown): readonly Row[] => rowsOf(rowOf(json)['data']);

/** A whole reply as Kotak sent it; see `fixtures/kotak/SOURCES.md`. */
export function sample(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/kotak/${name}`, import.meta.url), 'utf8'));
}

/** The keys in their order, and values of the same JSON types, all the way down the first row of lists. */
export function expectShape(actual: unknown, expected: unknown): void {
  expect(shapeOf(actual)).toEqual(shapeOf(expected));
  if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
    expect(Object.keys(rowOf(actual))).toEqual(Object.keys(expected));
  }
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}

/** The first log-in step; headers and fields can be changed, or left out with `undefined`. */
export function beginLogin(
  simulator: Simulator,
  changes: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
  credentials: KotakCredentials = simulator.kotak.credentials,
): Promise<JsonReply> {
  const { accessToken, mobileNumber, ucc, totpSecret } = credentials;
  const totp = totpAt(totpSecret, simulator.clock.now());
  return jsonOf({
    method: 'POST',
    url: `${simulator.kotak.loginUrl}/login/1.0/tradeApiLogin`,
    headers: {
      Authorization: accessToken,
      'neo-fin-key': 'neotradeapi',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ mobileNumber, ucc, totp, ...changes }),
  });
}

/** The second log-in step, with the answer of the first. */
export function validateLogin(
  simulator: Simulator,
  view: Row,
  changes: Readonly<Record<string, unknown>> = {},
  credentials: KotakCredentials = simulator.kotak.credentials,
): Promise<JsonReply> {
  return jsonOf({
    method: 'POST',
    url: `${simulator.kotak.loginUrl}/login/1.0/tradeApiValidate`,
    headers: {
      Authorization: credentials.accessToken,
      'neo-fin-key': 'neotradeapi',
      'Content-Type': 'application/json',
      sid: String(view['sid']),
      Auth: String(view['token']),
    },
    body: JSON.stringify({ mpin: credentials.mpin, ...changes }),
  });
}

export async function loggedIn(simulator: Simulator, credentials?: KotakCredentials): Promise<Session> {
  const first = await beginLogin(simulator, {}, {}, credentials);
  const second = dataOf((await validateLogin(simulator, dataOf(first.json), {}, credentials)).json);
  return { token: String(second['token']), sid: String(second['sid']), baseUrl: String(second['baseUrl']) };
}

/** A client written for these tests from the sheet: sends the two session headers and nothing more. */
export function clientOf(session: Session): KotakClient {
  const own = { Auth: session.token, Sid: session.sid };
  const client: KotakClient = {
    session,
    get: (path, headers = {}) => jsonOf({ url: session.baseUrl + path, headers: { ...own, ...headers } }),
    form: (path, jData, headers = {}) =>
      jsonOf({
        method: 'POST',
        url: session.baseUrl + path,
        headers: { ...own, 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
        body: `jData=${encodeURIComponent(JSON.stringify(jData))}`,
      }),
    place: (changes = {}) => client.form(PLACE, { ...LIMIT_BUY, ...changes }),
    async placed(changes) {
      const { json } = await client.place(changes);
      const orderNumber = rowOf(json)['nOrdNo'];
      if (typeof orderNumber !== 'string') throw new Error(`Not placed: ${JSON.stringify(json)}`);
      return orderNumber;
    },
    modify: (jData) => client.form(MODIFY, jData),
    cancel: (jData) => client.form(CANCEL, jData),
    async book() {
      const { json } = await client.get('/quick/user/orders');
      return rowOf(json)['stCode'] === 5203 ? [] : listOf(json);
    },
    async row(orderNumber) {
      const [row] = listOf((await client.get(`/quick/user/orders/${orderNumber}`)).json);
      if (row === undefined) throw new Error(`There is no order ${orderNumber}`);
      return row;
    },
    history: async (orderNumber) => listOf((await client.form('/quick/order/history', { nOrdNo: orderNumber })).json),
  };
  return client;
}

/** Starts with limits off unless the test is about them, logs in, closes with the test. */
export async function startedKotak(
  onTestFinished: (close: () => Promise<void>) => void,
  options: SimulatorOptions = {},
): Promise<{ simulator: Simulator; client: KotakClient; clock: ReturnType<typeof steppingClock> }> {
  const clock = steppingClock();
  const simulator = await startSimulator({
    clock,
    ...options,
    brokers: ['kotak'],
    kotak: { rateLimits: 'off', ...options.kotak },
  });
  onTestFinished(() => simulator.close());
  return { simulator, client: clientOf(await loggedIn(simulator)), clock };
}
