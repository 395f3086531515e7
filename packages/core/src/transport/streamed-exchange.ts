import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { BrokerStream } from '../contract/http.js';
import { AlgoError } from '../errors/algo-error.js';
import { headerOf } from './reply.js';

export interface StreamedExchangeOptions {
  readonly broker: string;
  /** Of the decompressed body. */
  readonly maxBytes: number;
  /** Gives socket and place back; called once, when undici is done with the request. */
  readonly leave: () => void;
  /** Whether our side ended the connection. */
  readonly isClosed: () => boolean;
  readonly resolve: (stream: BrokerStream) => void;
  readonly reject: (error: AlgoError) => void;
}

/** Pieces that wait for their reader before the sender is asked to pause. */
const MOST_WAITING_BYTES = 256 * 1024;

/**
 * One read and its reply, handed on while it arrives, as undici's handler. It uses the handler methods that undici 7 calls
 * itself, as `Exchange` does. A read changes nothing at the broker, so its errors have the effect `none`.
 */
export class StreamedExchange implements Dispatcher.DispatchHandler {
  readonly #options: StreamedExchangeOptions;
  #abort: ((error?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #left = false;
  #answered = false;
  #status = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Why no more comes; null while more may, `'end'` after the last piece. */
  #over: AlgoError | 'end' | null = null;
  #wake: (() => void) | null = null;

  constructor(options: StreamedExchangeOptions) {
    this.#options = options;
  }

  /** Ends it now: whoever waits for a reply or a piece gets `error`. */
  stop(error: AlgoError): void {
    if (this.#left) return;
    this.#end(error);
    this.#waiting = [];
    this.#abort?.(new Error('stopped'));
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#over !== null) abort(new Error('stopped'));
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void): boolean {
    this.#status = status;
    this.#resume = resume;
    if (status < 200) return true; // the real head follows
    const encoding = headerOf(headers, 'content-encoding');
    if (status >= 300 && status < 400) this.stop(this.#unreadable('redirects are not followed'));
    else if (encoding !== null && encoding !== 'identity' && encoding !== 'gzip') {
      this.stop(this.#unreadable('its encoding was not asked for'));
    } else if (!this.#answered) {
      this.#answered = true;
      this.#options.resolve({
        status,
        header: (name) => headerOf(headers, name.toLowerCase()),
        chunks: this.#bounded(encoding === 'gzip'),
        cancel: () => this.stop(new AlgoError('ALGO_CLOSED', { what: 'reply' })),
      });
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#over !== null) return false;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#wakeUp();
    return this.#waitingBytes < MOST_WAITING_BYTES;
  }

  onComplete(): void {
    this.#leave();
    this.#end('end');
  }

  onError(error: Error): void {
    const { broker, isClosed } = this.#options;
    const wasClosed = isClosed();
    this.#leave();
    if (wasClosed) return this.#end(new AlgoError('ALGO_CLOSED', { what: 'connection' }));
    const details = { broker, cause: causeOf(error) };
    this.#end(new AlgoError('ALGO_BROKER_UNREACHABLE', details));
  }

  /** The body as it is meant, and no more of it than was allowed. */
  async *#bounded(zipped: boolean): AsyncGenerator<Uint8Array> {
    const { broker, maxBytes } = this.#options;
    let bytes = 0;
    for await (const piece of zipped ? this.#unzipped() : this.#raw()) {
      bytes += piece.length;
      if (bytes > maxBytes) throw new AlgoError('ALGO_REPLY_TOO_LARGE', { broker, limitBytes: maxBytes });
      yield piece;
    }
  }

  async *#unzipped(): AsyncGenerator<Buffer> {
    const raw = Readable.from(this.#raw());
    const gunzip = createGunzip();
    pipeline(raw, gunzip, () => undefined); // an error of either comes out of the loop below
    try {
      for await (const piece of gunzip) if (Buffer.isBuffer(piece)) yield piece;
    } catch (error) {
      throw error instanceof AlgoError ? error : this.#unreadable('its gzip is broken');
    } finally {
      raw.destroy();
    }
  }

  /** What came off the wire; leaving it early lets go of the socket. */
  async *#raw(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const piece = this.#waiting.shift();
        if (piece !== undefined) {
          this.#taken(piece);
          yield piece;
        } else if (this.#over === 'end') return;
        else if (this.#over !== null) throw this.#over;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.stop(new AlgoError('ALGO_CLOSED', { what: 'reply' }));
    }
  }

  #taken(piece: Buffer): void {
    const wasFull = this.#waitingBytes >= MOST_WAITING_BYTES;
    this.#waitingBytes -= piece.length;
    if (wasFull && this.#waitingBytes < MOST_WAITING_BYTES) this.#resume?.();
  }

  #end(why: AlgoError | 'end'): void {
    this.#over ??= why;
    this.#wakeUp();
    if (this.#answered || why === 'end') return;
    this.#answered = true;
    this.#options.reject(why);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#options.leave();
  }

  #unreadable(why: string): AlgoError {
    return new AlgoError('ALGO_REPLY_UNREADABLE', { broker: this.#options.broker, status: this.#status, why });
  }
}

/** The code alone: undici's messages quote URLs, and a URL may carry a credential. */
export function causeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
