import type { Dispatcher } from 'undici';
import type { BrokerReply, BrokerRequest } from '../contract/http.js';
import { AlgoError } from '../errors/algo-error.js';
import { isCommand } from '../resilience/urgency.js';
import type { Call } from './call.js';
import { gunzipBounded, headerOf, Reply } from './reply.js';
import type { WriteWatch } from './send-observer.js';
import { causeOf } from './streamed-exchange.js';

/** Of a reply, after decompression. */
export const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;

export const overdue = (call: Call, effect: 'none' | 'unknown'): AlgoError =>
  new AlgoError('ALGO_DEADLINE', { deadlineMs: call.deadline.lengthMs }, effect);

/**
 * One request and its reply, as undici's handler. It uses the handler methods that undici 7 calls itself; the newer
 * names are translated into these at a cost per request.
 *
 * The socket's place is given back only when undici is done with it, which may be later than the answer: a request
 * that was given up before it was written is refused in `onConnect` and never reaches the wire.
 */
export class Exchange implements Dispatcher.DispatchHandler, WriteWatch {
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
    const { broker, isClosed } = this.#options;
    const wasClosed = isClosed();
    this.#leave();
    if (wasClosed) return this.#fail(new AlgoError('ALGO_CLOSED', { what: 'connection' }, this.#effect()));
    const details = { broker, cause: causeOf(error) };
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

export interface ExchangeOptions {
  readonly broker: string;
  readonly request: BrokerRequest;
  readonly call: Call;
  /** Gives socket and place back; called once, when undici is done with the request. */
  readonly leave: () => void;
  /** Whether our side ended the connection. */
  readonly isClosed: () => boolean;
  readonly resolve: (reply: BrokerReply) => void;
  readonly reject: (error: AlgoError) => void;
}

/** Within an order command every request counts in the proof, whatever the adapter marked it as. */
export const isCounted = ({ purpose }: BrokerRequest, { urgency }: Call): boolean =>
  purpose === 'command' || isCommand(urgency);

/** Only a GET that is marked as a read is taken at its word. */
export const changesOrders = ({ purpose, method }: BrokerRequest, { urgency }: Call): boolean =>
  isCommand(urgency) && (purpose === 'command' || method !== 'GET');

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
