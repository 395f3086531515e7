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
 * A call that need not wait passes without a promise.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #monotonic: () => number;
  readonly #ticker: Ticker;
  /** Only lines in which somebody waits. The one served last stands last, so that no family starves another. */
  readonly #lines: Readonly<Record<Rank, Map<string, Line>>> = { exit: new Map(), other: new Map() };
  #busy = 0;
  #waiting = 0;

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
    if (urgency !== 'exit' && this.#lines.exit.size > 0) return true;
    return this.#lines[rankOf(urgency)].has(lineName(urgency, family));
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
    this.#letIn();
  };

  #wait(entrance: Entrance): Promise<Permit> {
    const { deadline, limiter, family, urgency } = entrance;
    const earliest = limiter.waitMs(this.#monotonic(), spareOf(urgency));
    if (earliest > deadline.remainingMs()) {
      return Promise.reject(new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: Math.ceil(earliest) }));
    }
    return new Promise<Permit>((resolve, reject) => {
      const line = this.#lineFor(entrance);
      const waiter: Waiter = { entrance, resolve };
      line.waiters.add(waiter);
      this.#waiting += 1;
      if (line.waiters.size === 1) this.#serve(line); // it may be a place in a rate window that it waits for
      deadline.onOver(() => {
        if (!line.waiters.has(waiter)) return;
        this.#dismiss(line, waiter);
        reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs }));
        this.#letIn(); // others may have waited for this one
      });
    });
  }

  #lineFor({ urgency, family }: Entrance): Line {
    const lines = this.#lines[rankOf(urgency)];
    const name = lineName(urgency, family);
    let line = lines.get(name);
    if (line === undefined) lines.set(name, (line = { name, urgency, waiters: new Set(), cancelAlarm: null }));
    return line;
  }

  /** Lets in who can go now: exits before the others, and one after the other from lines of the same rank. */
  readonly #letIn = (): void => {
    while (this.#waiting > 0 && (this.#serveOne('exit') || this.#serveOne('other')));
  };

  #serveOne(rank: Rank): boolean {
    for (const line of this.#lines[rank].values()) if (this.#serve(line)) return true;
    return false;
  }

  /** Lets the head of the line in, or sets an alarm for when its rate windows have a place again. */
  #serve(line: Line): boolean {
    const [head] = line.waiters;
    if (head === undefined || this.#exitIsBefore(head.entrance)) return false;
    const permit = this.#tryEnter(head.entrance);
    if (permit === null) {
      this.#setAlarm(line, head.entrance);
      return false;
    }
    this.#dismiss(line, head);
    head.resolve(permit);
    return true;
  }

  /** The rate windows of one family are shared: what an exit waits for, no entry takes. */
  #exitIsBefore({ urgency, family }: Entrance): boolean {
    return urgency !== 'exit' && this.#lines.exit.has(lineName('exit', family));
  }

  #setAlarm(line: Line, { limiter, urgency }: Entrance): void {
    const now = this.#monotonic();
    const wait = limiter.waitMs(now, spareOf(urgency));
    line.cancelAlarm?.();
    line.cancelAlarm = wait > 0 ? this.#ticker.at(now + wait, this.#letIn) : null;
  }

  #dismiss(line: Line, waiter: Waiter): void {
    const lines = this.#lines[rankOf(line.urgency)];
    line.waiters.delete(waiter);
    this.#waiting -= 1;
    lines.delete(line.name);
    if (line.waiters.size > 0) lines.set(line.name, line);
    else line.cancelAlarm?.();
  }
}

/** A call that could not pass at once. */
interface Waiter {
  readonly entrance: Entrance;
  readonly resolve: (permit: Permit) => void;
}

/** Calls of one urgency and family, in the order they came. */
interface Line {
  readonly name: string;
  readonly urgency: Urgency;
  readonly waiters: Set<Waiter>;
  cancelAlarm: (() => void) | null;
}

type Rank = 'exit' | 'other';

const rankOf = (urgency: Urgency): Rank => (urgency === 'exit' ? 'exit' : 'other');

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
