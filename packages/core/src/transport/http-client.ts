import type { Client, Dispatcher } from 'undici';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerHttp, BrokerReply, BrokerRequest, BrokerStream, Lane as LaneName } from '../contract/http.js';
import type { RateLimits } from '../contract/rate-limits.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import { RateLimiter } from '../resilience/rate-limiter.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Ticker } from '../runtime/ticker.js';
import { isSecret } from '../runtime/secret.js';
import { Call } from './call.js';
import { Lane } from './lane.js';
import type { LaneOptions, Permit } from './lane.js';
import { checkOrigin } from './origins.js';
import { gunzipBounded, headerOf, Reply } from './reply.js';
import type { SendObserver, WriteWatch } from './send-observer.js';
import { Sockets } from './sockets.js';
import { causeOf, StreamedExchange } from './streamed-exchange.js';

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
/** One account's road to its broker: a lane and sockets of its own per kind of call, with proof of what was written. */
export class HttpClient implements BrokerHttp {
  readonly #options: HttpClientOptions;
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #limiters: ReadonlyMap<string, RateLimiter>;
  /** By lane, then origin; also remembers that an origin was checked. */
  readonly #sockets: Readonly<Record<LaneName, Map<string, Sockets>>>;
  #closed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const lane = (name: LaneName): Lane => new Lane(options.lanes[name], options.monotonic, options.ticker);
    this.#lanes = { orders: lane('orders'), reads: lane('reads'), data: lane('data'), auth: lane('auth') };
    this.#sockets = { orders: new Map(), reads: new Map(), data: new Map(), auth: new Map() };
    this.#limiters = new Map(
      Object.entries(options.rateLimits).map(([family, windows]) => [family, new RateLimiter(windows)]),
    );
  }

  /** A place in a lane, which may be taken ahead of the call that will use it. */
  enter(lane: LaneName, urgency: Urgency, family: string, deadline: Deadline): Permit | Promise<Permit> {
    return this.#lanes[lane].enter({ urgency, family, limiter: this.#limiterOf(family), deadline });
  }

  async send(request: BrokerRequest, call: BrokerCall): Promise<BrokerReply> {
    if (!(call instanceof Call)) throw this.#fault('a request was sent without the call that core handed over');
    if (!isCounted(request, call)) return this.#sendNow(request, call);
    this.#count(request, call);
    if (!changesOrders(request, call)) return this.#sendNow(request, call);
    try {
      return await this.#sendNow(request, call);
    } finally {
      call.record.free();
    }
  }

  async #sendNow(request: BrokerRequest, call: Call): Promise<BrokerReply> {
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
    const sockets = this.#socketsOf(request);
    const options = dispatchOptions(request, call);
    const entering = this.#placeFor(request, call);
    const permit = entering instanceof Promise ? await entering : entering;
    call.entered();
    return this.#exchange(request, options, call, sockets, permit);
  }

  async stream(request: BrokerRequest, call: BrokerCall): Promise<BrokerStream> {
    if (!(call instanceof Call)) throw this.#fault('a request was sent without the call that core handed over');
    if (isCounted(request, call)) throw this.#fault('it asked to stream the reply of a command');
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
    const sockets = this.#socketsOf(request);
    const options = dispatchOptions(request, call);
    const entering = this.#placeFor(request, call);
    const permit = entering instanceof Promise ? await entering : entering;
    call.entered();
    return this.#openStream(request, options, call, sockets, permit);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = Object.values(this.#sockets).flatMap((byOrigin) => [...byOrigin.values()]);
    await Promise.all(all.map((sockets) => sockets.close()));
  }

  /**
   * One order command, one request that changes something: while a first one is under way, and for good once it was
   * written, a second could be a second order. A look before it is no such request, and a log-in may take several steps.
   */
  #count(request: BrokerRequest, call: Call): void {
    const { record, deadline } = call;
    if (changesOrders(request, call) && !record.reserve())
      throw this.#fault('it sent a second command in one call').withEffect('unknown');
    if (!record.ask()) throw new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs });
  }

  /** A place taken ahead is on the order lane; what else a call asks for waits like everybody. */
  #placeFor({ lane, family }: BrokerRequest, call: Call): Permit | Promise<Permit> {
    const held = lane === 'orders' ? call.takePermit() : null;
    return held ?? this.enter(lane, call.urgency, family, call.deadline);
  }

  #limiterOf(family: string): RateLimiter {
    const limiter = this.#limiters.get(family);
    if (limiter === undefined) throw this.#fault(`it declares no rate limit for the family "${family}"`);
    return limiter;
  }

  #socketsOf({ lane, origin }: BrokerRequest): Sockets {
    const byOrigin = this.#sockets[lane];
    let sockets = byOrigin.get(origin);
    if (sockets === undefined) {
      checkOrigin(origin, this.#options.hosts);
      byOrigin.set(origin, (sockets = new Sockets({ origin, localAddress: this.#options.localAddress })));
    }
    return sockets;
  }

  #exchange(
    request: BrokerRequest,
    options: Dispatcher.DispatchOptions,
    call: Call,
    sockets: Sockets,
    permit: Permit,
  ): Promise<BrokerReply> {
    return new Promise<BrokerReply>((resolve, reject) => {
      const { client, leave } = this.#occupy(call, sockets, permit);
      const exchange = new Exchange({ broker: this.#options.broker, request, call, leave, resolve, reject });
      call.deadline.onOver(exchange.giveUp);
      this.#options.observer.watch(exchange, () => dispatch(client, options, exchange));
    });
  }

  #openStream(
    request: BrokerRequest,
    options: Dispatcher.DispatchOptions,
    call: Call,
    sockets: Sockets,
    permit: Permit,
  ): Promise<BrokerStream> {
    return new Promise<BrokerStream>((resolve, reject) => {
      const { client, leave } = this.#occupy(call, sockets, permit);
      const { broker } = this.#options;
      const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
      const exchange = new StreamedExchange({ broker, maxBytes, leave, resolve, reject });
      call.deadline.onOver(() => exchange.stop(overdue(call, 'none')));
      call.onEnd(() => exchange.stop(new AlgoError('ALGO_CLOSED', { what: 'call' })));
      client.dispatch(options, exchange);
    });
  }

  /** A socket for a call that may still be made, and what gives socket and place back. */
  #occupy(call: Call, sockets: Sockets, permit: Permit): { readonly client: Client; readonly leave: () => void } {
    if (this.#closed || call.deadline.over || call.record.sealed) {
      permit.release();
      throw this.#closed ? new AlgoError('ALGO_CLOSED', { what: 'connection' }) : overdue(call, 'none');
    }
    const client = sockets.take();
    const leave = (): void => {
      sockets.giveBack(client);
      permit.release();
    };
    return { client, leave };
  }

  #fault(why: string): AlgoError {
    return new AlgoError('ALGO_ADAPTER_FAULT', { broker: this.#options.broker, why });
  }
}

function dispatch(client: Client, options: Dispatcher.DispatchOptions, exchange: Exchange): void {
  client.dispatch(options, exchange);
}

function dispatchOptions(request: BrokerRequest, call: Call): Dispatcher.DispatchOptions {
  const { method, path, secretQuery, headers = [], body = null } = request;
  for (const value of Object.values(secretQuery ?? {})) if (isSecret(value)) call.guard(value);
  return {
    method,
    path: secretQuery === undefined ? path : withQuery(path, secretQuery),
    headers: headers.map((value) => (isSecret(value) ? value.reveal() : value)),
    body,
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
  readonly #options: ExchangeOptions;
  readonly #command: boolean;
  readonly #maxBytes: number;
  #abort: ((error?: Error) => void) | null = null;
  /** Its bytes went to a socket, or may have without our seeing it. */
  #written = false;
  #answered = false;
  #left = false;
  #status = 0;
  #headers: readonly Buffer[] = [];
  #first: Buffer | null = null;
  #rest: Buffer[] | null = null;
  #bytes = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#command = isCounted(options.request, options.call);
    this.#maxBytes = options.request.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  wrote(): void {
    this.#written = true;
    const { call, request } = this.#options;
    if (this.#command) call.record.wrote(changesOrders(request, call));
  }

  loseSight(): void {
    if (this.#answered) return; // undici refused it by itself: it never became a request
    this.#written = true;
    if (this.#command) this.#options.call.record.loseSight();
  }

  /** The deadline passed: answers now; what is on the wire is cut off, what is not stays off it. */
  readonly giveUp = (): void => {
    this.#fail(overdue(this.#options.call, this.#effect()));
    this.#abort?.(new Error('deadline'));
  };

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#answered || this.#options.call.record.sealed) abort(new Error('deadline'));
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
    this.#leave();
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
    this.#leave();
    const details = { broker: this.#options.broker, cause: causeOf(error) };
    this.#fail(new AlgoError('ALGO_BROKER_UNREACHABLE', details, this.#effect()));
  }

  /** undici is done with it, whatever was answered before. */
  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#options.leave();
  }

  #body(): Buffer {
    if (this.#first === null) return Buffer.alloc(0);
    return this.#rest === null ? this.#first : Buffer.concat([this.#first, ...this.#rest], this.#bytes);
  }

  #answer(body: Buffer): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#options.resolve(new Reply(this.#options.broker, this.#status, this.#headers, body));
  }

  #fail(error: AlgoError): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#options.reject(error);
  }

  /** A read changes nothing; a command may have, from its first byte on. */
  #effect(): 'none' | 'unknown' {
    return this.#command && this.#written ? 'unknown' : 'none';
  }

  #tooLarge(): AlgoError {
    return new AlgoError(
      'ALGO_REPLY_TOO_LARGE',
      { broker: this.#options.broker, limitBytes: this.#maxBytes },
      this.#effect(),
    );
  }

  #unreadable(why: string): AlgoError {
    const details = { broker: this.#options.broker, status: this.#status, why };
    return new AlgoError('ALGO_REPLY_UNREADABLE', details, this.#effect());
  }
}

interface ExchangeOptions {
  readonly broker: string;
  readonly request: BrokerRequest;
  readonly call: Call;
  /** Gives socket and place back; called once, when undici is done with the request. */
  readonly leave: () => void;
  readonly resolve: (reply: BrokerReply) => void;
  readonly reject: (error: AlgoError) => void;
}

/** Within an order command every request counts in the proof, whatever the adapter marked it as. */
const isCounted = ({ purpose }: BrokerRequest, { urgency }: Call): boolean =>
  purpose === 'command' || urgency !== 'read';

/** Only a GET that is marked as a read is taken at its word. */
const changesOrders = ({ purpose, method }: BrokerRequest, { urgency }: Call): boolean =>
  urgency !== 'read' && (purpose === 'command' || method !== 'GET');

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
