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
    if (limiter.take(this.#monotonic()) > 0) return null;
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
    const earliest = limiter.waitMs(this.#monotonic());
    if (earliest > deadline.remainingMs()) {
      return Promise.reject(new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: Math.ceil(earliest) }));
    }
    const line = this.#lineFor(entrance);
    this.#count(entrance, line, 1);
    return new Promise<Permit>((resolve, reject) => {
      deadline.onOver(() => reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs })));
      line.queue.then((queue) => queue.add(() => this.#takeTurn(entrance, resolve))).catch(reject);
    }).finally(() => this.#count(entrance, line, -1));
  }

  #count({ urgency }: Entrance, line: Line, by: 1 | -1): void {
    line.waiting += by;
    this.#waiting += by;
    if (urgency === 'exit') this.#exitsWaiting += by;
  }

  #lineFor({ urgency, family }: Entrance): Line {
    const name = lineName(urgency, family);
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { queue: import('p-queue').then(({ default: Queue }) => new Queue({ concurrency: 1 })), waiting: 0 };
      this.#lines.set(name, line);
    }
    return line;
  }

  /** At the head of its queue: enters as soon as there is room, or leaves when its time is over. */
  #takeTurn(entrance: Entrance, entered: (permit: Permit) => void): Promise<void> | void {
    if (entrance.deadline.over) return;
    const permit = this.#exitIsBefore(entrance) ? null : this.#tryEnter(entrance);
    if (permit !== null) return entered(permit);

    return new Promise<void>((resolve) => {
      let cancelAlarm: (() => void) | null = null;
      const leave = (): void => {
        this.#heads.delete(wake);
        cancelAlarm?.();
        resolve();
      };
      const wake = (): void => {
        if (entrance.deadline.over) return leave();
        const granted = this.#exitIsBefore(entrance) ? null : this.#tryEnter(entrance);
        if (granted !== null) {
          entered(granted);
          return leave();
        }
        const wait = entrance.limiter.waitMs(this.#monotonic());
        cancelAlarm?.();
        cancelAlarm = wait > 0 ? this.#ticker.at(this.#monotonic() + wait, this.#wake) : null;
      };
      this.#heads.set(wake, entrance.urgency);
      entrance.deadline.onOver(leave);
      wake();
    });
  }
}

/** Calls of one urgency and family, in the order they came. */
interface Line {
  readonly queue: Promise<PQueue>;
  waiting: number;
}

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
