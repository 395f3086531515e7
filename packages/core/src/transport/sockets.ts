import type { Lane } from '../contract/http.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Road } from './connector.js';
import type { SocketDesk } from './socket-desk.js';
import { SocketSlot } from './socket-slot.js';

export interface SocketOptions extends Road {
  readonly userId: string;
  readonly lane: Lane;
  readonly desk: SocketDesk;
}

/** Who wants a socket, and until when. */
export interface Seeker {
  readonly urgency: Urgency;
  readonly deadline: Deadline;
}

/**
 * The sockets of one lane to one origin, one undici `Client` each. A request is handed to a socket that is free, so it
 * never waits in a queue of undici's, where it would be created out of sight of our send record. As many are opened as
 * are needed at once, which the lane bounds and the process's desk; one that nobody used for a while is let go.
 */
export class Sockets {
  readonly userId: string;
  readonly lane: Lane;
  readonly #road: Road;
  readonly #desk: SocketDesk;
  readonly #all: SocketSlot[] = [];
  /** The one used last comes first: it is the warmest. */
  readonly #free: SocketSlot[] = [];
  #closed = false;

  constructor({ userId, lane, desk, origin, localAddress, proxy }: SocketOptions) {
    this.userId = userId;
    this.lane = lane;
    this.#desk = desk;
    this.#road = { origin, localAddress, proxy };
  }

  get open(): number {
    return this.#all.length;
  }

  /**
   * Not a promise when one is free or may be opened.
   *
   * @throws {AlgoError} `ALGO_DEADLINE` when the process has no socket left until then, `ALGO_CLOSED`
   */
  take(seeker: Seeker): SocketSlot | Promise<SocketSlot> {
    return this.takeFree() ?? this.#desk.open(this, seeker);
  }

  takeFree(): SocketSlot | null {
    const slot = this.#free.pop();
    if (slot === undefined) return null;
    this.#desk.busy(slot);
    return slot;
  }

  giveBack(slot: SocketSlot): void {
    if (this.#closed || slot.client.destroyed) return;
    this.#free.push(slot);
    this.#desk.idle(slot);
  }

  /** Makes one, which the desk has allowed and counts. */
  make(): SocketSlot {
    const connector = this.#desk.connectors.get(this.#road);
    const slot = new SocketSlot(this, connector, this.#road.origin, this.#desk.monotonic);
    this.#all.push(slot);
    return slot;
  }

  /** Ends one that is idle: others need its place, or nobody did for a while. */
  drop(slot: SocketSlot): void {
    remove(this.#all, slot);
    remove(this.#free, slot);
    void slot.destroy();
  }

  /** Has the next request find an open socket, as far as there is room without taking anybody's. */
  warm(): void {
    if (this.#closed) return;
    if (this.#all.length === 0) {
      const slot = this.#desk.spare(this);
      if (slot === null) return;
      this.giveBack(slot);
    }
    const warmest = this.#free.at(-1);
    if (warmest?.warm() === true) this.#desk.touch(warmest);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#free.length = 0;
    const all = this.#all.splice(0);
    this.#desk.forget(this, all);
    await Promise.all(all.map((slot) => slot.destroy()));
  }
}

function remove(slots: SocketSlot[], slot: SocketSlot): void {
  const at = slots.indexOf(slot);
  if (at !== -1) slots.splice(at, 1);
}
