import { channel } from 'node:diagnostics_channel';

/** Told when undici is about to write a watched request's first byte. */
export interface WriteWatch {
  wrote(): void;
  loseSight(): void;
}

/** Under this the watch travels with undici's own request object: a map beside it cost 2 us an order. */
const WATCH = Symbol('algo.watch');

interface Watchable {
  /** Two managers in one process hear of each other's requests; each answers for its own. */
  [WATCH]?: { readonly observer: SendObserver; readonly watch: WriteWatch };
}

const CREATED = 'undici:request:create';
const WRITING = 'undici:client:sendHeaders';

/**
 * Sees, through undici's diagnostics channels, which requests were written to a socket.
 *
 * Error codes cannot tell: a reset before the server read anything and one after it accepted the order both give
 * ECONNRESET (measured, reliability.md A.2). `sendHeaders` fires just before the bytes are written, so it errs on the
 * safe side. A request is matched by identity: a `Client` creates it synchronously inside `dispatch`; one that is not
 * seen there is out of sight and proves nothing.
 */
export class SendObserver {
  #opening: WriteWatch | null = null;

  readonly #onCreate = (message: unknown): void => {
    if (this.#opening === null) return;
    const request = requestOf(message);
    if (request === null) return;
    request[WATCH] = { observer: this, watch: this.#opening };
    this.#opening = null;
  };

  readonly #onWriting = (message: unknown): void => {
    const watched = requestOf(message)?.[WATCH];
    if (watched?.observer === this) watched.watch.wrote();
  };

  constructor() {
    channel(CREATED).subscribe(this.#onCreate);
    channel(WRITING).subscribe(this.#onWriting);
  }

  /** Runs `dispatch`, which hands exactly one request to undici, and watches that request. */
  watch(watch: WriteWatch, dispatch: () => void): void {
    this.#opening = watch;
    try {
      dispatch();
    } finally {
      if (this.#opening !== null) watch.loseSight();
      this.#opening = null;
    }
  }

  close(): void {
    channel(CREATED).unsubscribe(this.#onCreate);
    channel(WRITING).unsubscribe(this.#onWriting);
  }
}

function requestOf(message: unknown): Watchable | null {
  if (typeof message !== 'object' || message === null || !('request' in message)) return null;
  return typeof message.request === 'object' ? message.request : null;
}
