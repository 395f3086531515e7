import type PQueue from 'p-queue';
import { AlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { RateLimiter } from '../resilience/rate-limiter.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Ticker } from '../runtime/ticker.js';

/** A socket's worth of room in a lane, until released. */
export interface Permit {
  release(): void;
}

/** What a request needs to enter: room on a socket, and a place in its family's rate windows. */
export interface Entrance {
  readonly urgency: Urgency;
  readonly family: string;
  readonly limiter: RateLimiter;
  readonly deadline: Deadline;
}

export interface LaneOptions {
  readonly sockets: number;
  /** Sockets that only exits and cancels may use. */
  readonly keptForExits: number;
}

/**
 * The waiting line in front of a lane's sockets. Nothing waits inside undici, whose queue is first in, first out and
 * does not settle an aborted waiter: here at most as many calls are let out as there are sockets, exits go first, and
 * who gives up leaves at once.
 *
 * A call that need not wait passes without a promise. `p-queue` holds those that must, one queue per urgency and
 * family, and is loaded when the first one waits.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #monotonic: () => number;
  readonly #ticker: Ticker;
  readonly #lines = new Map<string, Line>();
  #busy = 0;
  #waiting = 0;
  #exitsWaiting = 0;
  /** The heads of the queues, each waiting for room; exits are woken before the others. */
  readonly #heads = new Map<() => void, Urgency>();

  constructor(options: LaneOptions, monotonic: () => number, ticker: Ticker) {
    this.#options = options;
    this.#monotonic = monotonic;
    this.#ticker = ticker;
  }

  get busy(): number {
    return this.#busy;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * @throws {AlgoError} `ALGO_DEADLINE` when the deadline passes first, `ALGO_RATE_LIMITED` at once when the rate
   * windows free no place before it.
   */
  enter(entrance: Entrance): Permit | Promise<Permit> {
    if (this.#waiting === 0 || !this.#someoneIsBefore(entrance)) {
      const permit = this.#tryEnter(entrance);
      if (permit !== null) return permit;
    }
    return this.#wait(entrance);
  }

  /** Exits pass entries that wait; nobody passes within their own line. */
  #someoneIsBefore({ urgency, family }: Entrance): boolean {
    if (urgency !== 'exit' && this.#exitsWaiting > 0) return true;
    return (this.#lines.get(lineName(urgency, family))?.waiting ?? 0) > 0;
  }

  #tryEnter({ urgency, limiter }: Entrance): Permit | null {
    if (!this.#hasRoom(urgency)) return null;
    if (limiter.take(this.#monotonic(), spareOf(urgency)) > 0) return null;
    this.#busy += 1;
    return new LanePermit(this.#leave);
  }

  #hasRoom(urgency: Urgency): boolean {
    const kept = urgency === 'exit' ? 0 : this.#options.keptForExits;
    return this.#busy < this.#options.sockets - kept;
  }

  readonly #leave = (): void => {
    this.#busy -= 1;
    this.#wake();
  };

  readonly #wake = (): void => {
    for (const [wake, urgency] of this.#heads) if (urgency === 'exit') wake();
    for (const [wake, urgency] of this.#heads) if (urgency !== 'exit') wake();
  };

  /** The rate windows of one family are shared: what an exit waits for, no entry takes. */
  #exitIsBefore({ urgency, family }: Entrance): boolean {
    return urgency !== 'exit' && (this.#lines.get(lineName('exit', family))?.waiting ?? 0) > 0;
  }

  #wait(entrance: Entrance): Promise<Permit> {
    const { deadline, limiter, family } = entrance;
    const earliest = limiter.waitMs(this.#monotonic(), spareOf(entrance.urgency));
    if (earliest > deadline.remainingMs()) {
      return Promise.reject(new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: Math.ceil(earliest) }));
    }
    return new Promise<Permit>((resolve, reject) => {
      const line = this.#lineFor(entrance);
      const waiter = new Waiter(entrance, resolve, reject, () => this.#count(entrance, line, -1));
      this.#count(entrance, line, 1);
      deadline.onOver(() => waiter.giveUp());
      const takeTurn = (): Promise<void> | void => this.#takeTurn(waiter);
      if (line.queue !== null) void line.queue.add(takeTurn);
      else line.loading.then((queue) => queue.add(takeTurn)).catch(reject);
    });
  }

  #count({ urgency }: Entrance, line: Line, by: 1 | -1): void {
    line.waiting += by;
    this.#waiting += by;
    if (urgency === 'exit') this.#exitsWaiting += by;
  }

  #lineFor({ urgency, family }: Entrance): Line {
    const name = lineName(urgency, family);
    let line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, (line = newLine()));
    return line;
  }

  /** At the head of its line: enters as soon as there is room, or leaves when its time is over. */
  #takeTurn(waiter: Waiter): Promise<void> | void {
    if (waiter.gone || this.#admit(waiter)) return;
    return new Promise<void>((resolve) => {
      let cancelAlarm: (() => void) | null = null;
      const leave = (): void => {
        this.#heads.delete(wake);
        cancelAlarm?.();
        resolve();
      };
      const wake = (): void => {
        if (waiter.gone || this.#admit(waiter)) return leave();
        const wait = waiter.entrance.limiter.waitMs(this.#monotonic(), spareOf(waiter.entrance.urgency));
        cancelAlarm?.();
        cancelAlarm = wait > 0 ? this.#ticker.at(this.#monotonic() + wait, this.#wake) : null;
      };
      this.#heads.set(wake, waiter.entrance.urgency);
      waiter.entrance.deadline.onOver(leave);
      wake();
    });
  }

  #admit(waiter: Waiter): boolean {
    const permit = this.#exitIsBefore(waiter.entrance) ? null : this.#tryEnter(waiter.entrance);
    if (permit !== null) waiter.enter(permit);
    return permit !== null;
  }
}

/** A call that could not pass at once. It leaves its line exactly one time, with a place or without. */
class Waiter {
  readonly entrance: Entrance;
  readonly #resolve: (permit: Permit) => void;
  readonly #reject: (error: AlgoError) => void;
  readonly #left: () => void;
  #gone = false;

  constructor(
    entrance: Entrance,
    resolve: (permit: Permit) => void,
    reject: (error: AlgoError) => void,
    left: () => void,
  ) {
    this.entrance = entrance;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#left = left;
  }

  get gone(): boolean {
    return this.#gone;
  }

  enter(permit: Permit): void {
    this.#leave();
    this.#resolve(permit);
  }

  giveUp(): void {
    if (this.#gone) return;
    this.#leave();
    this.#reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: this.entrance.deadline.lengthMs }));
  }

  #leave(): void {
    this.#gone = true;
    this.#left();
  }
}

/** Calls of one urgency and family, in the order they came. */
interface Line {
  /** Null until the library is loaded. */
  queue: PQueue | null;
  readonly loading: Promise<PQueue>;
  waiting: number;
}

function newLine(): Line {
  const line: Line = {
    queue: null,
    waiting: 0,
    loading: import('p-queue').then(({ default: Queue }) => (line.queue = new Queue({ concurrency: 1 }))),
  };
  return line;
}

/** Entries leave one place in every rate window for a cancel. */
const spareOf = (urgency: Urgency): number => (urgency === 'entry' ? 1 : 0);

const lineName = (urgency: Urgency, family: string): string => `${urgency}:${family}`;

/** Releasing twice frees one socket, not two. */
class LanePermit implements Permit {
  #leave: (() => void) | null;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  release(): void {
    const leave = this.#leave;
    this.#leave = null;
    leave?.();
  }
}
