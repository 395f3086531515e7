import { AlgoError } from '../errors/algo-error.js';
import { reducesRisk } from '../resilience/urgency.js';
import type { Clock } from '../runtime/clock.js';
import { Connectors } from './connector.js';
import { SocketQueue } from './socket-queue.js';
import type { SocketWaiter } from './socket-queue.js';
import type { SocketSlot } from './socket-slot.js';
import type { Seeker, Sockets } from './sockets.js';

export interface SocketDeskOptions {
  readonly clock: Clock;
  /** Most sockets to brokers that the process has open at once. @default 4096 */
  readonly total?: number;
  /** Most of one user's. @default 256 */
  readonly perUser?: number;
  /** @default one of its own */
  readonly connectors?: Connectors;
}

const DEFAULTS = { total: 4_096, perUser: 256 } as const;
/** A socket unused for so long is let go, with all the memory that hangs on it. */
const UNUSED_MS = 60_000;
const SWEEP_MS = 10_000;
/** The last eighth of the sockets is for users that have fewer than these, and for cancels and exits of anybody. */
const RESERVED_SHARE = 8;
const FEW = 3;

/**
 * Counts the sockets of a whole process. While there are enough nobody notices it. Beyond the bound the socket that has
 * been idle longest, whoever's it is, makes place for the new one; when all are busy the calls wait, and users take
 * turns. One user's slow broker cannot take all: a part is kept for users that have few.
 */
export class SocketDesk {
  readonly connectors: Connectors;
  readonly monotonic: () => number;
  readonly #clock: Clock;
  readonly #total: number;
  readonly #perUser: number;
  readonly #reserved: number;
  readonly #queue = new SocketQueue();
  readonly #openOf = new Map<string, number>();
  #closed = false;
  #open = 0;
  #idle = 0;
  /** Ends of the list of idle slots. */
  #oldest: SocketSlot | null = null;
  #newest: SocketSlot | null = null;
  #stopSweep: (() => void) | null = null;

  constructor({ clock, total = DEFAULTS.total, perUser = DEFAULTS.perUser, connectors }: SocketDeskOptions) {
    this.#clock = clock;
    this.#total = total;
    this.#perUser = perUser;
    this.#reserved = Math.floor(total / RESERVED_SHARE);
    this.connectors = connectors ?? new Connectors();
    this.monotonic = () => clock.monotonic();
  }

  counts(): SocketCounts {
    return { open: this.#open, idle: this.#idle, waiting: this.#queue.size, users: this.#openOf.size };
  }

  /**
   * A new socket's place, at once while there is one. Nobody is passed by: whoever waits could not have it, since all
   * that comes free is given out when it does.
   */
  open(sockets: Sockets, seeker: Seeker): SocketSlot | Promise<SocketSlot> {
    return this.#makeRoom(sockets.userId, seeker) ? this.#add(sockets) : this.#wait(sockets, seeker);
  }

  /** One to warm up: only while there are plenty. It comes busy. */
  spare(sockets: Sockets): SocketSlot | null {
    const mine = this.#openOf.get(sockets.userId) ?? 0;
    return this.#open < this.#total / 2 && mine < this.#perUser ? this.#add(sockets) : null;
  }

  busy(slot: SocketSlot): void {
    if (!slot.isIdle) return;
    slot.isIdle = false;
    this.#idle -= 1;
    if (slot.older === null) this.#oldest = slot.newer;
    else slot.older.newer = slot.newer;
    if (slot.newer === null) this.#newest = slot.older;
    else slot.newer.older = slot.older;
    slot.older = null;
    slot.newer = null;
  }

  idle(slot: SocketSlot): void {
    slot.isIdle = true;
    slot.idleSinceMs = this.#clock.monotonic();
    slot.older = this.#newest;
    if (this.#newest === null) this.#oldest = slot;
    else this.#newest.newer = slot;
    this.#newest = slot;
    this.#idle += 1;
    if (this.#queue.size > 0) this.#serve();
  }

  /** Not used, and yet not to be let go soon. */
  touch(slot: SocketSlot): void {
    this.busy(slot);
    this.idle(slot);
  }

  /** Its sockets are closed: their places are free, and whoever waits for one of them hears of it. */
  forget(sockets: Sockets, slots: readonly SocketSlot[]): void {
    for (const waiter of this.#queue.of(sockets)) {
      if (this.#queue.remove(waiter)) waiter.reject(new AlgoError('ALGO_CLOSED', { what: 'connection' }));
    }
    for (const slot of slots) this.#leave(slot);
    if (this.#queue.size > 0) this.#serve();
  }

  /** The sockets themselves are closed by those that own them. */
  close(): void {
    this.#closed = true;
    this.#halt();
  }

  #halt(): void {
    this.#stopSweep?.();
    this.#stopSweep = null;
  }

  #arm(): void {
    if (this.#closed) return;
    this.#stopSweep ??= this.#clock.after(SWEEP_MS, this.#sweep, { background: true });
  }

  #wait(sockets: Sockets, seeker: Seeker): Promise<SocketSlot> {
    const { urgency, deadline } = seeker;
    return new Promise<SocketSlot>((resolve, reject) => {
      const waiter: SocketWaiter = { sockets, urgency, deadline, resolve, reject };
      this.#queue.add(waiter);
      deadline.onOver(() => {
        if (this.#queue.remove(waiter)) reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs }));
      });
    });
  }

  /** Gives out what there is, one call of a user at a time. */
  #serve(): void {
    for (let gave = true; gave && this.#queue.size > 0;) {
      gave = false;
      for (const waiter of this.#queue.heads()) if (this.#serveOne(waiter)) gave = true;
    }
  }

  #serveOne(waiter: SocketWaiter): boolean {
    const { sockets } = waiter;
    const free = sockets.takeFree();
    if (free === null && !this.#makeRoom(sockets.userId, waiter)) return false;
    this.#queue.remove(waiter);
    this.#queue.served(sockets.userId);
    try {
      waiter.resolve(free ?? this.#add(sockets));
    } catch (error) {
      waiter.reject(error instanceof Error ? error : new Error('no socket'));
    }
    return true;
  }

  /** @returns false when this user may not have one more now */
  #makeRoom(userId: string, { urgency }: Pick<Seeker, 'urgency'>): boolean {
    const mine = this.#openOf.get(userId) ?? 0;
    const most = mine < FEW || reducesRisk(urgency) ? this.#total : this.#total - this.#reserved;
    if (this.#open - this.#idle >= most) return false;
    if (mine >= this.#perUser) return this.#dropOldest((slot) => slot.owner.userId === userId);
    return this.#open < this.#total || this.#dropOldest(() => true);
  }

  #dropOldest(wanted: (slot: SocketSlot) => boolean): boolean {
    let slot = this.#oldest;
    while (slot !== null && !wanted(slot)) slot = slot.newer;
    if (slot === null) return false;
    this.#leave(slot);
    slot.owner.drop(slot);
    return true;
  }

  #add(sockets: Sockets): SocketSlot {
    const slot = sockets.make();
    this.#open += 1;
    this.#openOf.set(sockets.userId, (this.#openOf.get(sockets.userId) ?? 0) + 1);
    this.#arm();
    return slot;
  }

  #leave(slot: SocketSlot): void {
    const { userId } = slot.owner;
    this.busy(slot);
    this.#open -= 1;
    const left = (this.#openOf.get(userId) ?? 1) - 1;
    if (left === 0) this.#openOf.delete(userId);
    else this.#openOf.set(userId, left);
    if (this.#open === 0) this.#halt();
  }

  readonly #sweep = (): void => {
    this.#stopSweep = null;
    const before = this.#clock.monotonic() - UNUSED_MS;
    while (this.#oldest !== null && this.#oldest.idleSinceMs <= before) this.#dropOldest(() => true);
    if (this.#open > 0) this.#arm();
  };
}

export interface SocketCounts {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  /** Users that have one open. */
  readonly users: number;
}
