import { readFileSync } from 'node:fs';
import type { AngelCredentials, AngelOptions, Simulator, SimulatorOptions } from '../src/index.js';
import { startSimulator } from '../src/index.js';
import { totpAt } from '../src/totp.js';
import type { JsonReply, RawReply, Row } from './support.js';
import { rowOf, rowsOf, send } from './support.js';

export const AUTH = '/rest/auth/angelbroking';
export const SECURE = '/rest/secure/angelbroking';

/** A client written for these tests from the documents, of one account. Paths are below `/rest/secure/angelbroking/`. */
export interface AngelClient {
  readonly tokens: Row;
  get(path: string): Promise<JsonReply>;
  post(path: string, body: unknown): Promise<JsonReply>;
  /** The `data` of a reply that must be a success. */
  data(path: string, body?: unknown): Promise<unknown>;
  place(changes?: Row): Promise<JsonReply>;
  /** Places and gives `{script, orderid, uniqueorderid}`. */
  placed(changes?: Row): Promise<Row>;
  book(): Promise<readonly Row[]>;
  row(orderid: unknown): Promise<Row>;
}

export interface Started {
  readonly simulator: Simulator;
  readonly client: AngelClient;
}

/** Starts with limits off unless the test is about them, and logs in; closes with the test. */
export async function startedAngel(
  onTestFinished: (close: () => Promise<void>) => void,
  angel: AngelOptions = {},
  options: SimulatorOptions = {},
): Promise<Started> {
  const simulator = await startSimulator({ ...options, brokers: ['angel'], angel: { rateLimits: 'off', ...angel } });
  onTestFinished(() => simulator.close());
  return { simulator, client: await loggedIn(simulator) };
}

export async function loggedIn(
  simulator: Simulator,
  credentials: AngelCredentials = simulator.angel.credentials,
): Promise<AngelClient> {
  const reply = await login(simulator, credentials);
  return clientWith(simulator, credentials, rowOf(rowOf(reply.json)['data']));
}

export async function login(
  simulator: Simulator,
  credentials: AngelCredentials,
  changes: Row = {},
): Promise<JsonReply> {
  const body = {
    clientcode: credentials.clientCode,
    password: credentials.mpin,
    totp: totpAt(credentials.totpSecret, simulator.clock.now()),
    ...changes,
  };
  return jsonOf(
    await send({
      method: 'POST',
      url: `${simulator.angel.baseUrl}${AUTH}/user/v1/loginByPassword`,
      headers: headersOf(credentials.apiKey),
      body: JSON.stringify(body),
    }),
  );
}

export async function refresh(simulator: Simulator, bearer: unknown, refreshToken: unknown): Promise<JsonReply> {
  return jsonOf(
    await send({
      method: 'POST',
      url: `${simulator.angel.baseUrl}${AUTH}/jwt/v1/generateTokens`,
      headers: headersOf(simulator.angel.credentials.apiKey, bearer),
      body: JSON.stringify({ refreshToken }),
    }),
  );
}

export function clientWith(simulator: Simulator, credentials: AngelCredentials, tokens: Row): AngelClient {
  const headers = headersOf(credentials.apiKey, tokens['jwtToken']);
  const call = async (method: string, path: string, body?: unknown): Promise<JsonReply> => {
    const url = `${simulator.angel.baseUrl}${SECURE}/${path}`;
    return jsonOf(await send({ method, url, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
  };
  const data = async (path: string, body?: unknown): Promise<unknown> => {
    const { status, json } = await call(body === undefined ? 'GET' : 'POST', path, body);
    if (status !== 200 || rowOf(json)['status'] !== true) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
    return rowOf(json)['data'];
  };
  const place = (changes: Row = {}): Promise<JsonReply> =>
    call('POST', 'order/v1/placeOrder', { ...limitBuy(), ...changes });
  const book = async (): Promise<readonly Row[]> => rowsOf((await data('order/v1/getOrderBook')) ?? []);
  return {
    tokens,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    data,
    place,
    placed: async (changes) => {
      const { json } = await place(changes);
      if (rowOf(json)['status'] !== true) throw new Error(`Not placed: ${JSON.stringify(json)}`);
      return rowOf(rowOf(json)['data']);
    },
    book,
    async row(orderid) {
      const row = (await book()).find((candidate) => candidate['orderid'] === orderid);
      if (row === undefined) throw new Error(`There is no order ${String(orderid)}`);
      return row;
    },
  };
}

export function headersOf(apiKey: string, bearer?: unknown): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'x-usertype': 'USER',
    'x-sourceid': 'WEB',
    'x-clientlocalip': 'CLIENT_LOCAL_IP',
    'x-clientpublicip': 'CLIENT_PUBLIC_IP',
    'x-macaddress': 'MAC_ADDRESS',
    'x-privatekey': apiKey,
    ...(bearer === undefined ? {} : { authorization: `Bearer ${String(bearer)}` }),
  };
}

/** Ten RELIANCE at 1390, ten rupees under the market: it rests. Every number is a text, as documented. */
export function limitBuy(): Row {
  return {
    variety: 'NORMAL',
    tradingsymbol: 'RELIANCE-EQ',
    symboltoken: '2885',
    transactiontype: 'BUY',
    exchange: 'NSE',
    ordertype: 'LIMIT',
    producttype: 'INTRADAY',
    duration: 'DAY',
    price: '1390',
    squareoff: '0',
    stoploss: '0',
    quantity: '10',
  };
}

/** The same order as `modifyOrder` wants it: every field again. */
export function changeOf(orderid: unknown, changes: Row = {}): Row {
  const { transactiontype: _side, squareoff: _square, stoploss: _loss, ...fields } = limitBuy();
  return { ...fields, orderid, ...changes };
}

/** A whole reply as a broker sent it; see `fixtures/angel/SOURCES.md`. */
export function angelFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/angel/${name}`, import.meta.url), 'utf8'));
}

/** The `data` of a fixture, its first row when it is a list. */
export function sampleRow(name: string): Row {
  const data = rowOf(angelFixture(name))['data'];
  return rowOf(Array.isArray(data) ? data[0] : data);
}

/** Names and JSON types, sorted by name: what a row must have in common with its sample. */
export function shapeOf(row: unknown): readonly string[] {
  return Object.entries(rowOf(row))
    .map(([name, value]) => `${name}: ${typeName(value)}`)
    .sort();
}

/** Code and message of a refusal in the service's envelope. */
export function refusalOf({ json }: JsonReply): readonly unknown[] {
  const row = rowOf(json);
  return [row['status'], row['errorcode'], row['message']];
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function jsonOf({ status, text }: RawReply): JsonReply {
  try {
    return { status, json: JSON.parse(text) as unknown };
  } catch {
    return { status, json: text };
  }
}
