import { readFileSync } from 'node:fs';
import type { JainamCredentials, JainamOptions, Simulator, SimulatorOptions } from '../src/index.js';
import { startSimulator } from '../src/index.js';
import type { JsonReply, Row } from './support.js';
import { rowOf, rowsOf, send } from './support.js';

/** A client written for these tests from the sheet, of one log-in. */
export interface XtsClient {
  readonly token: string;
  readonly marketToken: string;
  call(method: string, path: string, body?: unknown): Promise<JsonReply>;
  market(method: string, path: string, body?: unknown): Promise<JsonReply>;
  place(changes?: Row): Promise<JsonReply>;
  placed(changes?: Row): Promise<string>;
  book(): Promise<readonly Row[]>;
  row(appOrderId: string): Promise<Row>;
}

/** A whole reply as the broker sent it; see `fixtures/jainam/SOURCES.md`. */
export function xtsFixture(name: string): unknown {
  return JSON.parse(xtsText(name));
}

export function xtsText(name: string): string {
  return readFileSync(new URL(`./fixtures/jainam/${name}`, import.meta.url), 'utf8');
}

/** The body of one of the recorded errors. */
export function xtsError(name: string): unknown {
  return rowsOf(xtsFixture('errors.json')).find((row) => row['name'] === name)?.['body'];
}

export function resultOf(reply: JsonReply): unknown {
  return rowOf(reply.json)['result'];
}

/** Status and code of a reply. */
export function verdictOf(reply: JsonReply): readonly unknown[] {
  return [reply.status, rowOf(reply.json)['code']];
}

/** Ten RELIANCE at 1390, ten rupees under the market: it rests. Every number is text, as one public adapter sends them. */
export const XTS_LIMIT_BUY: Row = {
  exchangeSegment: 'NSECM',
  exchangeInstrumentID: '2885',
  productType: 'MIS',
  orderType: 'LIMIT',
  orderSide: 'BUY',
  timeInForce: 'DAY',
  disclosedQuantity: '0',
  orderQuantity: '10',
  limitPrice: '1390',
  stopPrice: '0',
  orderUniqueIdentifier: 'tag1',
};

export async function jsonCall(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<JsonReply> {
  const typed = { 'content-type': 'application/json', ...headers };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await send({ method, url, headers: typed, ...sent });
  return { status: reply.status, json: JSON.parse(reply.text) };
}

export async function loggedIn(simulator: Simulator, given?: JainamCredentials): Promise<XtsClient> {
  const { baseUrl, credentials } = simulator.jainam;
  const keys = given ?? credentials;
  const login = async (path: string, appKey: string, secretKey: string): Promise<string> => {
    const reply = await jsonCall('POST', baseUrl + path, {}, { appKey, secretKey, source: 'WEBAPI' });
    return String(rowOf(resultOf(reply))['token']);
  };
  const token = await login('/interactive/user/session', keys.interactiveApiKey, keys.interactiveApiSecret);
  const marketToken = await login('/apimarketdata/auth/login', keys.marketApiKey, keys.marketApiSecret);
  const call = (method: string, path: string, body?: unknown): Promise<JsonReply> =>
    jsonCall(method, `${baseUrl}/interactive${path}`, { authorization: token }, body);
  const client: XtsClient = {
    token,
    marketToken,
    call,
    market: (method, path, body) =>
      jsonCall(method, `${baseUrl}/apimarketdata${path}`, { authorization: marketToken }, body),
    place: (changes = {}) => call('POST', '/orders', { ...XTS_LIMIT_BUY, ...changes }),
    placed: async (changes) => String(rowOf(resultOf(await client.place(changes)))['AppOrderID']),
    async book() {
      const reply = await call('GET', '/orders');
      return reply.status === 200 ? rowsOf(resultOf(reply)) : [];
    },
    async row(appOrderId) {
      const found = (await client.book()).find((row) => String(row['AppOrderID']) === appOrderId);
      if (found === undefined) throw new Error(`There is no order ${appOrderId} in the book`);
      return found;
    },
  };
  return client;
}

/** Starts with limits off unless the test is about them, closes with the test. */
export async function startedJainam(
  onTestFinished: (close: () => Promise<void>) => void,
  jainam: JainamOptions = {},
  options: SimulatorOptions = {},
): Promise<{ simulator: Simulator; client: XtsClient }> {
  const simulator = await startSimulator({ ...options, brokers: ['jainam'], jainam: { rateLimits: 'off', ...jainam } });
  onTestFinished(() => simulator.close());
  return { simulator, client: await loggedIn(simulator) };
}

/** The JSON type of every key: a row has the sample's shape when these are equal. */
export function shapeOf(row: unknown): Row {
  const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);
  return Object.fromEntries(Object.entries(rowOf(row)).map(([key, value]) => [key, kindOf(value)]));
}

export function claimsOf(token: string): Row {
  return rowOf(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
}
