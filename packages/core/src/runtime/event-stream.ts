import { AlgoError } from '../errors/algo-error.js';

export interface EventStreamOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** Most events kept for a reader who is slower than they come; then the oldest goes. @default 1000 */
  readonly buffer?: number;
}

/**
 * Events in the order they came, heard from the moment it was opened. It ends when its source closes, when its signal
 * aborts, and when its reader stops (`break`, `return()`); then nobody listens any more.
 */
export interface EventStream<Event> extends AsyncIterableIterator<Event, undefined, undefined> {
  /** How many were dropped because the reader was slow. */
  readonly lost: number;
  /** Ends it; what is kept already may still be read. */
  close(): void;
  return(): Promise<IteratorResult<Event, undefined>>;
}

/** Calls the listener for each event until it is unsubscribed. */
type Subscribe<Event> = (listener: (event: Event) => void) => () => void;

const DEFAULT_BUFFER = 1_000;

/** Streams that end together, as those of one user do. */
export class EventStreams {
  readonly #open = new Set<() => void>();

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** @throws {AlgoError} `ALGO_INVALID_INPUT` */
  open<Event>(subscribe: Subscribe<Event>, options: EventStreamOptions = {}): EventStream<Event> {
    const stream = new BufferedEvents<Event>(bufferOf(options));
    const end = (): void => stream.close();
    const stopListening = subscribe((event) => stream.push(event));
    stream.whenClosed(() => {
      stopListening();
      options.signal?.removeEventListener('abort', end);
      this.#open.delete(end);
    });
    this.#open.add(end);
    options.signal?.addEventListener('abort', end, { once: true });
    if (options.signal?.aborted === true) end();
    return stream;
  }

  close(): void {
    for (const end of Array.from(this.#open)) end(); // a copy: each takes itself away
  }
}

function bufferOf({ buffer = DEFAULT_BUFFER }: EventStreamOptions): number {
  if (Number.isInteger(buffer) && buffer >= 1) return buffer;
  const problem = 'must be a whole number above zero';
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'buffer', problem }] });
}

type Reader<Event> = (result: IteratorResult<Event, undefined>) => void;

/** Between who emits, and is never made to wait, and who reads: events wait for readers, or readers for events. */
class BufferedEvents<Event> implements EventStream<Event> {
  readonly #most: number;
  readonly #kept = new Fifo<Event>();
  readonly #readers = new Fifo<Reader<Event>>();
  #lost = 0;
  #onClosed: (() => void) | null = null;
  #closed = false;

  constructor(most: number) {
    this.#most = most;
  }

  get lost(): number {
    return this.#lost;
  }

  push(event: Event): void {
    if (this.#closed) return;
    const reader = this.#readers.take();
    if (reader !== null) return reader.item({ value: event, done: false });
    if (this.#kept.size >= this.#most) {
      this.#kept.take();
      this.#lost += 1;
    }
    this.#kept.add(event);
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const waiting = this.#kept.take();
    if (waiting !== null) return Promise.resolve({ value: waiting.item, done: false });
    if (this.#closed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#readers.add(resolve));
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.#kept.clear();
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed?.();
    for (let reader = this.#readers.take(); reader !== null; reader = this.#readers.take()) {
      reader.item({ value: undefined, done: true });
    }
  }

  whenClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

interface Node<Item> {
  readonly item: Item;
  next: Node<Item> | null;
}

/** First in, first out, at the same cost however many wait. */
class Fifo<Item> {
  #first: Node<Item> | null = null;
  #last: Node<Item> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: Item): void {
    const node: Node<Item> = { item, next: null };
    if (this.#last === null) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size += 1;
  }

  /** Null when there is none; boxed, since an event may itself be null. */
  take(): { readonly item: Item } | null {
    const node = this.#first;
    if (node === null) return null;
    this.#first = node.next;
    if (node.next === null) this.#last = null;
    this.#size -= 1;
    return node;
  }

  clear(): void {
    this.#first = null;
    this.#last = null;
    this.#size = 0;
  }
}
