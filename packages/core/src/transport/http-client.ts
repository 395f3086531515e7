import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerHttp, BrokerReply, BrokerRequest, Lane as LaneName } from '../contract/http.js';
import type { RateLimits } from '../contract/rate-limits.js';
import { AlgoError } from '../errors/algo-error.js';
import { RateLimiter } from '../resilience/rate-limiter.js';
import type { Ticker } from '../runtime/ticker.js';
import { isSecret } from '../runtime/secret.js';
import { Call } from './call.js';
import { Lane } from './lane.js';
import type { Entrance, LaneOptions, Permit } from './lane.js';
import { checkOrigin } from './origins.js';
import { gunzipBounded, headerOf, Reply } from './reply.js';
import type { SendObserver, WriteWatch } from './send-observer.js';

export interface HttpClientOptions {
  readonly broker: string;
  readonly hosts: readonly string[];
  readonly rateLimits: RateLimits;
  readonly lanes: Readonly<Record<LaneName, LaneOptions>>;
  /** Local address to leave from, for brokers that know their clients by it; null for the system's choice. */
  readonly localAddress: string | null;
  readonly observer: SendObserver;
  readonly ticker: Ticker;
  readonly monotonic: () => number;
}

const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 3_000;
/** Below the 60 s after which most gateways drop an idle socket: one that dies as we write is an unknown order. */
const IDLE_SOCKET_MS = 20_000;

/** One account's road to its broker: a lane and a pool of sockets per kind of call, with proof of what was written. */
export class HttpClient implements BrokerHttp {
  readonly #options: HttpClientOptions;
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #limiters: ReadonlyMap<string, RateLimiter>;
  /** By lane and origin; also remembers that an origin was checked. */
  readonly #pools = new Map<string, Pool>();
  #closed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const lane = (name: LaneName): Lane => new Lane(options.lanes[name], options.monotonic, options.ticker);
    this.#lanes = { orders: lane('orders'), reads: lane('reads'), data: lane('data'), auth: lane('auth') };
    this.#limiters = new Map(
      Object.entries(options.rateLimits).map(([family, windows]) => [family, new RateLimiter(windows)]),
    );
  }

  /** A place in a lane, taken ahead of the call that will use it. */
  enter(lane: LaneName, entrance: Omit<Entrance, 'limiter'>): Permit | Promise<Permit> {
    return this.#lanes[lane].enter({ ...entrance, limiter: this.#limiterOf(entrance.family) });
  }

  async send(request: BrokerRequest, call: BrokerCall): Promise<BrokerReply> {
    if (!(call instanceof Call)) throw this.#fault('a request was sent without the call that core handed over');
    if (request.purpose === 'command' && !call.record.ask()) throw overdue(call, 'none');
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
    const pool = this.#poolOf(request);
    for (const value of Object.values(request.secretQuery ?? {})) if (isSecret(value)) call.guard(value);
    const permit = await (call.takePermit() ?? this.#enterFor(request, call));
    return this.#exchange(request, call, pool, permit);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #enterFor(request: BrokerRequest, call: Call): Permit | Promise<Permit> {
    return this.enter(request.lane, { urgency: call.urgency, family: request.family, deadline: call.deadline });
  }

  #limiterOf(family: string): RateLimiter {
    const limiter = this.#limiters.get(family);
    if (limiter === undefined) throw this.#fault(`it declares no rate limit for the family "${family}"`);
    return limiter;
  }

  #poolOf({ lane, origin }: BrokerRequest): Pool {
    const key = `${lane} ${origin}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    checkOrigin(origin, this.#options.hosts);
    const { localAddress, lanes } = this.#options;
    const pool = new Pool(origin, {
      connections: lanes[lane].sockets,
      pipelining: 1, // a second request on a socket would wait where we cannot see it
      allowH2: false, // the proof of not-sent is measured on HTTP/1.1 only
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
      headersTimeout: 0, // the call's own deadline is exact, undici's is up to a second late
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: true },
      ...(localAddress === null ? {} : { localAddress }),
    });
    this.#pools.set(key, pool);
    return pool;
  }

  #exchange(request: BrokerRequest, call: Call, pool: Pool, permit: Permit): Promise<BrokerReply> {
    return new Promise<BrokerReply>((resolve, reject) => {
      const exchange = new Exchange(this.#options.broker, request, call, permit, resolve, reject);
      if (call.deadline.over || call.record.sealed) return exchange.refuse();
      call.deadline.onOver(exchange.giveUp);
      const options = dispatchOptions(request);
      this.#options.observer.watch(exchange, () => void pool.dispatch(options, exchange));
    });
  }

  #fault(why: string): AlgoError {
    return new AlgoError('ALGO_ADAPTER_FAULT', { broker: this.#options.broker, why });
  }
}

function dispatchOptions({ method, path, secretQuery, headers, body }: BrokerRequest): Dispatcher.DispatchOptions {
  return {
    method,
    path: secretQuery === undefined ? path : withQuery(path, secretQuery),
    headers: headers === undefined ? [] : headers.map((value) => (isSecret(value) ? value.reveal() : value)),
    body: body ?? null,
    idempotent: false, // undici would send an idempotent request again by itself after a drop
  };
}

function withQuery(path: string, query: NonNullable<BrokerRequest['secretQuery']>): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) text.set(name, isSecret(value) ? value.reveal() : value);
  return `${path}${path.includes('?') ? '&' : '?'}${text.toString()}`;
}

const overdue = (call: Call, effect: 'none' | 'unknown'): AlgoError =>
  new AlgoError('ALGO_DEADLINE', { deadlineMs: call.deadline.lengthMs }, effect);

/**
 * One request and its reply, as undici's handler. It uses the handler methods that undici 7 calls itself; the newer
 * names are translated into these at a cost per request.
 *
 * The socket's place is given back only when undici is done with it, which may be later than the answer: a request
 * that was given up before it was written is refused in `onConnect` and never reaches the wire.
 */
class Exchange implements Dispatcher.DispatchHandler, WriteWatch {
  readonly #broker: string;
  readonly #call: Call;
  readonly #permit: Permit;
  readonly #command: boolean;
  readonly #maxBytes: number;
  readonly #resolve: (reply: BrokerReply) => void;
  readonly #reject: (error: AlgoError) => void;
  #abort: ((error?: Error) => void) | null = null;
  #written = false;
  #answered = false;
  #status = 0;
  #headers: readonly Buffer[] = [];
  #first: Buffer | null = null;
  #rest: Buffer[] | null = null;
  #bytes = 0;

  constructor(
    broker: string,
    request: BrokerRequest,
    call: Call,
    permit: Permit,
    resolve: (reply: BrokerReply) => void,
    reject: (error: AlgoError) => void,
  ) {
    this.#broker = broker;
    this.#call = call;
    this.#permit = permit;
    this.#command = request.purpose === 'command';
    this.#maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  wrote(): void {
    this.#written = true;
    if (this.#command) this.#call.record.wrote();
  }

  loseSight(): void {
    if (this.#command) this.#call.record.loseSight();
  }

  /** Its time was over before undici was asked. */
  refuse(): void {
    this.#permit.release();
    this.#fail(overdue(this.#call, 'none'));
  }

  /** The deadline passed: answers now; what is on the wire is cut off, what is not stays off it. */
  readonly giveUp = (): void => {
    this.#fail(overdue(this.#call, this.#effect()));
    this.#abort?.(new Error('deadline'));
  };

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#answered || this.#call.record.sealed) abort(new Error('deadline'));
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    this.#status = status;
    this.#headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.#fail(this.#tooLarge());
      this.#abort?.(new Error('reply too large'));
      return false;
    }
    if (this.#first === null) this.#first = chunk;
    else (this.#rest ??= []).push(chunk);
    return true;
  }

  onComplete(): void {
    this.#permit.release();
    if (this.#answered) return;
    const bytes = this.#body();
    if (this.#status >= 300 && this.#status < 400) return this.#fail(this.#unreadable('redirects are not followed'));
    const encoding = headerOf(this.#headers, 'content-encoding');
    if (encoding === null || encoding === 'identity') return this.#answer(bytes);
    if (encoding !== 'gzip') return this.#fail(this.#unreadable('its encoding was not asked for'));
    gunzipBounded(bytes, this.#maxBytes).then(
      (plain) => this.#answer(plain),
      (error: unknown) => this.#fail(isTooLarge(error) ? this.#tooLarge() : this.#unreadable('its gzip is broken')),
    );
  }

  onError(error: Error): void {
    this.#permit.release();
    this.#fail(
      new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: this.#broker, cause: causeOf(error) }, this.#effect()),
    );
  }

  #body(): Buffer {
    if (this.#first === null) return Buffer.alloc(0);
    return this.#rest === null ? this.#first : Buffer.concat([this.#first, ...this.#rest], this.#bytes);
  }

  #answer(body: Buffer): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#resolve(new Reply(this.#broker, this.#status, this.#headers, body));
  }

  #fail(error: AlgoError): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#reject(error);
  }

  /** A read changes nothing; a command may have, from its first byte on. */
  #effect(): 'none' | 'unknown' {
    return this.#command && this.#written ? 'unknown' : 'none';
  }

  #tooLarge(): AlgoError {
    return new AlgoError('ALGO_REPLY_TOO_LARGE', { broker: this.#broker, limitBytes: this.#maxBytes }, this.#effect());
  }

  #unreadable(why: string): AlgoError {
    const details = { broker: this.#broker, status: this.#status, why };
    return new AlgoError('ALGO_REPLY_UNREADABLE', details, this.#effect());
  }
}

/** The code alone: undici's messages quote URLs, and a URL may carry a credential. */
function causeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
