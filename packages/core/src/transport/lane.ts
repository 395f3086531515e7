import { AlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { RatePlaces } from '../resilience/rate-places.js';
import { isCommand, reducesRisk, URGENCIES } from '../resilience/urgency.js';
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
  readonly limiter: RatePlaces;
  readonly deadline: Deadline;
}

export interface LaneOptions {
  readonly sockets: number;
  /** Sockets that only exits and cancels may use. */
  readonly keptForExits: number;
}

/**
 * The waiting line in front of a lane's sockets. Nothing waits inside undici, whose queue is first in, first out and
 * does not settle an aborted waiter: here at most as many calls are let out as there are sockets, cancels go before
 * exits, exits before modifies and so on down the ranks of urgency, and who gives up leaves at once.
 *
 * A call that need not wait passes without a promise.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #monotonic: () => number;
  readonly #ticker: Ticker;
  /** Lines in which somebody waits, by rank; the one served last stands last in its rank, so that no family starves another. */
  readonly #lines: Line[] = [];
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
   * @throws {AlgoError} `ALGO_RATE_LIMITED` as soon as it is known that the rate windows free no place before the
   * deadline, and when it passes while they have none; `ALGO_DEADLINE` when it passes for want of a socket.
   */
  enter(entrance: Entrance): Permit | Promise<Permit> {
    if (this.#waiting === 0 || !this.#someoneIsBefore(entrance)) {
      const permit = this.#tryEnter(entrance);
      if (permit !== null) return permit;
    }
    return this.#wait(entrance);
  }

  /** Ends every wait: whoever is in a line is told that the connection is closed, and no alarm is left. */
  close(): void {
    for (const { waiters, cancelAlarm } of this.#lines.splice(0)) {
      cancelAlarm?.();
      this.#waiting -= waiters.size;
      const told = [...waiters];
      waiters.clear();
      for (const { reject } of told) reject(new AlgoError('ALGO_CLOSED', { what: 'connection' }));
    }
  }

  /** A higher rank passes those that wait; nobody passes within their own line. */
  #someoneIsBefore({ urgency, limiter }: Entrance): boolean {
    const rank = rankOf(urgency);
    return this.#lines.some((line) => line.rank < rank || (line.rank === rank && line.limiter === limiter));
  }

  #tryEnter({ urgency, limiter }: Entrance): Permit | null {
    if (!this.#hasRoom(urgency)) return null;
    if (limiter.take(this.#monotonic(), spareOf(urgency), urgency) > 0) return null;
    this.#busy += 1;
    return new LanePermit(this.#leave, limiter);
  }

  #hasRoom(urgency: Urgency): boolean {
    const kept = reducesRisk(urgency) ? 0 : this.#options.keptForExits;
    return this.#busy < this.#options.sockets - kept;
  }

  readonly #leave = (limiter: RatePlaces): void => {
    this.#busy -= 1;
    limiter.ended(this.#monotonic());
    this.#letIn();
  };

  #wait(entrance: Entrance): Promise<Permit> {
    const { deadline } = entrance;
    const earliest = this.#waitMs(entrance);
    if (earliest > deadline.remainingMs()) return Promise.reject(refusal(entrance, earliest));
    return new Promise<Permit>((resolve, reject) => {
      const line = this.#lineFor(entrance);
      const waiter: Waiter = { entrance, resolve, reject };
      line.waiters.add(waiter);
      this.#waiting += 1;
      if (line.waiters.size === 1) this.#serve(line); // it may be a place in a rate window that it waits for
      deadline.onOver(() => {
        if (!line.waiters.has(waiter)) return;
        this.#dismiss(line, waiter);
        const wait = this.#waitMs(entrance);
        reject(wait > 0 ? refusal(entrance, wait) : new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs }));
        this.#letIn(); // others may have waited for this one
      });
    });
  }

  #waitMs({ limiter, urgency }: Entrance): number {
    return limiter.waitMs(this.#monotonic(), spareOf(urgency), urgency);
  }

  #lineFor({ urgency, family, limiter }: Entrance): Line {
    const rank = rankOf(urgency);
    const known = this.#lines.find((line) => line.rank === rank && line.limiter === limiter);
    if (known !== undefined) return known;
    const line: Line = { rank, family, limiter, waiters: new Set(), cancelAlarm: null };
    this.#putLast(line);
    return line;
  }

  /** Lets in who can go now: higher ranks first, and one after the other from lines of the same rank. */
  readonly #letIn = (): void => {
    while (this.#waiting > 0 && this.#lines.some((line) => this.#serve(line)));
  };

  /** Lets the head of the line in, or refuses it, or sets an alarm for when its rate windows have a place again. */
  #serve(line: Line): boolean {
    const [head] = line.waiters;
    if (head === undefined || this.#higherIsBefore(line)) return false;
    const permit = this.#tryEnter(head.entrance);
    if (permit !== null) {
      this.#dismiss(line, head);
      head.resolve(permit);
      return true;
    }
    const wait = this.#waitMs(head.entrance);
    if (wait > head.entrance.deadline.remainingMs()) {
      this.#dismiss(line, head);
      head.reject(refusal(head.entrance, wait));
      return true;
    }
    this.#setAlarm(line, wait);
    return false;
  }

  /** The rate windows of one family are shared: what a higher rank waits for, no lower one takes. */
  #higherIsBefore({ rank, family }: Line): boolean {
    return this.#lines.some((line) => line.rank < rank && line.family === family);
  }

  #setAlarm(line: Line, wait: number): void {
    line.cancelAlarm?.();
    line.cancelAlarm = wait > 0 ? this.#ticker.at(this.#monotonic() + wait, this.#letIn) : null;
    if (wait > 0) line.limiter.onPlaces(this.#letIn);
  }

  #dismiss(line: Line, waiter: Waiter): void {
    line.waiters.delete(waiter);
    this.#waiting -= 1;
    this.#lines.splice(this.#lines.indexOf(line), 1);
    if (line.waiters.size > 0) this.#putLast(line);
    else line.cancelAlarm?.();
  }

  /** Behind the other lines of its rank. */
  #putLast(line: Line): void {
    const next = this.#lines.findIndex(({ rank }) => rank > line.rank);
    this.#lines.splice(next === -1 ? this.#lines.length : next, 0, line);
  }
}

/** A call that could not pass at once. */
interface Waiter {
  readonly entrance: Entrance;
  readonly resolve: (permit: Permit) => void;
  readonly reject: (error: AlgoError) => void;
}

/** Calls of one rank and the same rate windows, in the order they came. */
interface Line {
  readonly rank: number;
  readonly family: string;
  readonly limiter: RatePlaces;
  readonly waiters: Set<Waiter>;
  cancelAlarm: (() => void) | null;
}

const rankOf = (urgency: Urgency): number => URGENCIES.indexOf(urgency);

/** Entries and modifies leave one place in every rate window for a cancel. */
const spareOf = (urgency: Urgency): number => (isCommand(urgency) && !reducesRisk(urgency) ? 1 : 0);

/** Marked as ours: nothing the broker said, so nothing slows down for it. */
const refusal = ({ family }: Entrance, waitMs: number): AlgoError =>
  new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: Math.ceil(waitMs), local: true });

/** Releasing twice frees one socket, not two. */
class LanePermit implements Permit {
  readonly #limiter: RatePlaces;
  #leave: ((limiter: RatePlaces) => void) | null;

  constructor(leave: (limiter: RatePlaces) => void, limiter: RatePlaces) {
    this.#leave = leave;
    this.#limiter = limiter;
  }

  release(): void {
    const leave = this.#leave;
    this.#leave = null;
    leave?.(this.#limiter);
  }
}
