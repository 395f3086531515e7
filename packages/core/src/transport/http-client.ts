import type { Client, Dispatcher } from 'undici';
import type { BrokerCall } from '../contract/call.js';
import type { EgressProxy } from '../contract/egress.js';
import type { BrokerHttp, BrokerReply, BrokerRequest, BrokerStream, Lane as LaneName } from '../contract/http.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { RatePlaces } from '../resilience/rate-places.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Ticker } from '../runtime/ticker.js';
import { isSecret } from '../runtime/secret.js';
import { Call } from './call.js';
import { changesOrders, DEFAULT_MAX_BYTES, Exchange, isCounted, overdue } from './exchange.js';
import { Lane } from './lane.js';
import type { LaneOptions, Permit } from './lane.js';
import { checkOrigin } from './origins.js';
import type { ConnectionRates, RateReport } from './rate-desk.js';
import { retryAfterOf } from './retry-after.js';
import type { SendObserver } from './send-observer.js';
import type { SocketDesk } from './socket-desk.js';
import type { SocketSlot } from './socket-slot.js';
import { Sockets } from './sockets.js';
import { StreamedExchange } from './streamed-exchange.js';

export interface HttpClientOptions {
  readonly broker: string;
  /** Whose account it is: users take turns where sockets are short. */
  readonly userId: string;
  readonly hosts: readonly string[];
  /** Its windows in the process's rate desk, closed with the client. */
  readonly rates: ConnectionRates;
  readonly lanes: Readonly<Record<LaneName, LaneOptions>>;
  /** Local address to leave from, for brokers that know their clients by it; null for the system's choice. */
  readonly localAddress: string | null;
  /** Proxy to leave through; null for none. */
  readonly proxy: EgressProxy | null;
  /** The process's sockets. */
  readonly sockets: SocketDesk;
  readonly observer: SendObserver;
  readonly ticker: Ticker;
  readonly monotonic: () => number;
}

/** One account's road to its broker: a lane and sockets of its own per kind of call, with proof of what was written. */
export class HttpClient implements BrokerHttp {
  readonly #options: HttpClientOptions;
  /** Made with the first call: most connections never use all of them. */
  readonly #lanes: Partial<Record<LaneName, Lane>> = {};
  readonly #rates: ConnectionRates;
  /** By lane, then origin; also remembers that an origin was checked. */
  readonly #sockets: Partial<Record<LaneName, Map<string, Sockets>>> = {};
  /** What ends the pauses under way. */
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#rates = options.rates;
  }

  /**
   * A place in a lane, which may be taken ahead of the call that will use it.
   *
   * @param segment the exchange segment, for families that the broker counts by it
   */
  enter(
    lane: LaneName,
    urgency: Urgency,
    family: string,
    deadline: Deadline,
    segment?: string,
  ): Permit | Promise<Permit> {
    const limiter = this.#limiterOf(lane, family, segment);
    return this.#lane(lane).enter({ urgency, family, limiter, deadline });
  }

  /**
   * The broker said "too many": nothing of that family goes for a while, then slower. A reply of status 429 is seen here
   * by itself; this is for brokers that say it in other words.
   *
   * @param retryAfterMs what the broker named, in milliseconds; null when nothing
   */
  slowDown(family: string, retryAfterMs: number | null): void {
    this.#rates.slowDown(family, retryAfterMs);
  }

  /** How the rate windows fare, of every family that was used. */
  rateReport(): readonly RateReport[] {
    return this.#rates.report();
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
    if (this.#closed) throw closed();
    const sockets = this.#socketsOf(request);
    const options = dispatchOptions(request, call);
    const entering = this.#placeFor(request, call);
    const permit = entering instanceof Promise ? await entering : entering;
    const taking = this.#socketFor(request, call, sockets, permit);
    const slot = taking instanceof Promise ? await taking : taking;
    call.entered();
    return this.#exchange(request, options, call, slot, permit);
  }

  async stream(request: BrokerRequest, call: BrokerCall): Promise<BrokerStream> {
    if (!(call instanceof Call)) throw this.#fault('a request was sent without the call that core handed over');
    if (isCounted(request, call)) throw this.#fault('it asked to stream the reply of a command');
    if (this.#closed) throw closed();
    const sockets = this.#socketsOf(request);
    const options = dispatchOptions(request, call);
    const entering = this.#placeFor(request, call);
    const permit = entering instanceof Promise ? await entering : entering;
    const taking = this.#socketFor(request, call, sockets, permit);
    const slot = taking instanceof Promise ? await taking : taking;
    call.entered();
    return this.#openStream(request, options, call, slot, permit);
  }

  /**
   * Connects a socket of the order lane and one of the read lane ahead of the next call, TLS included. Nothing is sent on
   * them, so no limit counts it. Where no call told yet which host orders go to, it is the one of the reads.
   */
  warm(): void {
    if (this.#closed) return;
    const reads = [...(this.#sockets.reads?.keys() ?? [])];
    const orders = this.#sockets.orders === undefined ? reads : [...this.#sockets.orders.keys()];
    for (const origin of orders) this.#socketsOf({ lane: 'orders', origin }).warm();
    for (const origin of reads) this.#socketsOf({ lane: 'reads', origin }).warm();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of Object.values(this.#lanes)) lane.close();
    for (const end of this.#pauses) end();
    const all = Object.values(this.#sockets).flatMap((byOrigin) => [...byOrigin.values()]);
    await Promise.all(all.map((sockets) => sockets.close()));
    this.#rates.close();
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
  #placeFor({ lane, family, segment }: BrokerRequest, call: Call): Permit | Promise<Permit> {
    const held = lane === 'orders' ? call.takePermit() : null;
    return held ?? this.enter(lane, call.urgency, family, call.deadline, segment);
  }

  #limiterOf(lane: LaneName, family: string, segment?: string): RatePlaces {
    const limiter = this.#rates.of(lane, family, segment);
    if (limiter === null) throw this.#fault(`it declares no rate limit for the family "${family}"`);
    return limiter;
  }

  #socketsOf({ lane, origin }: Pick<BrokerRequest, 'lane' | 'origin'>): Sockets {
    const byOrigin = (this.#sockets[lane] ??= new Map<string, Sockets>());
    let sockets = byOrigin.get(origin);
    if (sockets === undefined) {
      const { hosts, userId, localAddress, proxy, sockets: desk } = this.#options;
      checkOrigin(origin, hosts);
      byOrigin.set(origin, (sockets = new Sockets({ userId, lane, desk, origin, localAddress, proxy })));
    }
    return sockets;
  }

  #exchange(
    request: BrokerRequest,
    options: Dispatcher.DispatchOptions,
    call: Call,
    slot: SocketSlot,
    permit: Permit,
  ): Promise<BrokerReply> {
    return new Promise<BrokerReply>((answer, reject) => {
      const resolve = (reply: BrokerReply): void => answer(this.#heard(request, reply));
      const leave = (): void => giveBack(slot, permit);
      const { broker } = this.#options;
      const exchange = new Exchange({ broker, request, call, leave, isClosed: this.#isClosed, resolve, reject });
      call.deadline.onOver(exchange.giveUp);
      this.#options.observer.watch(exchange, () => dispatch(slot.client, options, exchange));
    });
  }

  #openStream(
    request: BrokerRequest,
    options: Dispatcher.DispatchOptions,
    call: Call,
    slot: SocketSlot,
    permit: Permit,
  ): Promise<BrokerStream> {
    return new Promise<BrokerStream>((answer, reject) => {
      const resolve = (reply: BrokerStream): void => answer(this.#heard(request, reply));
      const leave = (): void => giveBack(slot, permit);
      const { broker } = this.#options;
      const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
      const exchange = new StreamedExchange({ broker, maxBytes, leave, isClosed: this.#isClosed, resolve, reject });
      call.deadline.onOver(() => exchange.stop(overdue(call, 'none')));
      call.onEnd(() => exchange.stop(new AlgoError('ALGO_CLOSED', { what: 'call' })));
      slot.client.dispatch(options, exchange);
    });
  }

  /** A socket for a call that may still be made. Without one the place in the lane is given back. */
  #socketFor(request: BrokerRequest, call: Call, sockets: Sockets, permit: Permit): SocketSlot | Promise<SocketSlot> {
    try {
      this.#checkStill(call);
      const taking = sockets.take(call);
      return taking instanceof Promise ? this.#waitForSocket(request, call, taking, permit) : taking;
    } catch (error) {
      permit.release();
      throw error;
    }
  }

  /** The process's sockets are all busy. What was counted long before it goes is counted again when it goes. */
  async #waitForSocket(
    request: BrokerRequest,
    call: Call,
    taking: Promise<SocketSlot>,
    permit: Permit,
  ): Promise<SocketSlot> {
    let slot: SocketSlot | null = null;
    try {
      slot = await taking;
      await this.#countAgain(request, call);
      this.#checkStill(call);
      return slot;
    } catch (error) {
      slot?.owner.giveBack(slot);
      permit.release();
      throw error;
    }
  }

  async #countAgain({ lane, family, segment }: BrokerRequest, call: Call): Promise<void> {
    const { monotonic } = this.#options;
    const limiter = this.#limiterOf(lane, family, segment);
    const take = (): number => limiter.take(monotonic(), 0, call.urgency);
    for (let wait = take(); wait > 0; wait = take()) {
      if (wait > call.remainingMs())
        throw new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: Math.ceil(wait), local: true });
      await this.#pause(wait);
      this.#checkStill(call);
    }
  }

  /** A gateway's "too many" needs no adapter to be understood. */
  #heard<Heard extends BrokerReply | BrokerStream>({ family }: BrokerRequest, reply: Heard): Heard {
    if (reply.status === 429) this.slowDown(family, retryAfterOf(reply.header('retry-after')));
    return reply;
  }

  #checkStill(call: Call): void {
    if (this.#closed) throw closed();
    if (call.deadline.over || call.record.sealed) throw overdue(call, 'none');
  }

  /** Shorter when the connection is closed. */
  #pause(waitMs: number): Promise<void> {
    const { monotonic, ticker } = this.#options;
    return new Promise<void>((resolve) => {
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = ticker.at(monotonic() + waitMs, end);
      this.#pauses.add(end);
    });
  }

  #lane(name: LaneName): Lane {
    const { lanes, monotonic, ticker } = this.#options;
    return (this.#lanes[name] ??= new Lane(lanes[name], monotonic, ticker));
  }

  readonly #isClosed = (): boolean => this.#closed;

  #fault(why: string): AlgoError {
    return new AlgoError('ALGO_ADAPTER_FAULT', { broker: this.#options.broker, why });
  }
}

function giveBack(slot: SocketSlot, permit: Permit): void {
  slot.owner.giveBack(slot);
  permit.release();
}

const closed = (): AlgoError => new AlgoError('ALGO_CLOSED', { what: 'connection' });

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
