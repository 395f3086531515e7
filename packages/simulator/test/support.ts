import { readFileSync } from 'node:fs';
import http from 'node:http';
import { totpAt } from '../src/totp.js';
import type { Simulator, SimulatorOptions } from '../src/index.js';
import { startSimulator } from '../src/index.js';

export interface RawReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request on a socket of its own, so that a reset hits nothing else. Rejects as node:http does. */
export function send({ method = 'GET', url, headers = {}, body }: RawRequest): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

export interface JsonReply {
  readonly status: number;
  readonly json: unknown;
}

export interface TestClient {
  get(path: string): Promise<JsonReply>;
  post(path: string, body: unknown): Promise<JsonReply>;
  put(path: string, body: unknown): Promise<JsonReply>;
  delete(path: string): Promise<JsonReply>;
  place(changes?: Readonly<Record<string, unknown>>): Promise<JsonReply>;
  placed(changes?: Readonly<Record<string, unknown>>): Promise<string>;
  book(): Promise<readonly Row[]>;
  row(orderId: string): Promise<Row>;
}

export type Row = Readonly<Record<string, unknown>>;

/** A client written for these tests from the sheet, of one account. */
export function clientOf(simulator: Simulator, credentials = simulator.dhan.credentials): TestClient {
  const headers = {
    'access-token': credentials.accessToken,
    'client-id': credentials.clientId,
    'content-type': 'application/json',
  };
  const call = async (method: string, path: string, body?: unknown): Promise<JsonReply> => {
    const url = simulator.dhan.baseUrl + path;
    const reply = await send({ method, url, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: reply.status, json: JSON.parse(reply.text) };
  };
  const client: TestClient = {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
    place: (changes = {}) => call('POST', '/orders', { ...limitBuy(credentials.clientId), ...changes }),
    async placed(changes) {
      const { json } = await client.place(changes);
      return String(rowOf(json)['orderId']);
    },
    book: async () => rowsOf((await client.get('/orders')).json),
    async row(orderId) {
      const [row] = rowsOf((await client.get(`/orders/${orderId}`)).json);
      if (row === undefined) throw new Error(`There is no order ${orderId}`);
      return row;
    },
  };
  return client;
}

/** Ten RELIANCE at 1390, ten rupees under the market: it rests. */
export function limitBuy(dhanClientId: string): Row {
  return {
    dhanClientId,
    transactionType: 'BUY',
    exchangeSegment: 'NSE_EQ',
    productType: 'INTRADAY',
    orderType: 'LIMIT',
    validity: 'DAY',
    securityId: '2885',
    quantity: 10,
    price: 1390,
  };
}

export function rowOf(json: unknown): Row {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('Expected an object');
  return { ...json };
}

export function rowsOf(json: unknown): readonly Row[] {
  if (!Array.isArray(json)) throw new Error('Expected a list');
  return json.map(rowOf);
}

/** A whole reply as a broker sent it; see `fixtures/SOURCES.md`. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8'));
}

/** Starts with limits off unless the test is about them, closes with the test. */
export async function started(
  onTestFinished: (close: () => Promise<void>) => void,
  options: SimulatorOptions = {},
): Promise<{ simulator: Simulator; client: TestClient }> {
  const simulator = await startSimulator({ ...options, dhan: { rateLimits: 'off', ...options.dhan } });
  onTestFinished(() => simulator.close());
  return { simulator, client: clientOf(simulator) };
}

/** A clock that moves when told. */
export function steppingClock(startMs = Date.parse('2026-11-20T10:00:00+05:30')) {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(byMs: number) {
      nowMs += byMs;
    },
    setTo(instant: string) {
      nowMs = Date.parse(instant);
    },
  };
}

export function loginUrl(simulator: Simulator, changes: Readonly<Record<string, string>> = {}): string {
  const { clientId, pin, totpSecret } = simulator.dhan.credentials;
  const totp = totpAt(totpSecret, simulator.clock.now());
  const query = new URLSearchParams({ dhanClientId: clientId, pin, totp, ...changes });
  return `${simulator.dhan.authUrl}/app/generateAccessToken?${query.toString()}`;
}
