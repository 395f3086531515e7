import type { CommandReply } from '../contract/broker-adapter.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import type { Deadline } from '../resilience/deadline.js';
import type { CommandUrgency } from '../resilience/urgency.js';
import type { Call } from '../transport/call.js';

/** A command on its way through the gate. */
export class Command {
  readonly deadline: Deadline;
  readonly urgency: CommandUrgency;
  readonly send: (row: AttemptRow, call: Call) => Promise<CommandReply>;
  /** What has to be known before it can be sent, asked before it waits in line; the reason when it cannot be. */
  readonly prepare: (() => Promise<GateRefusal | null>) | null;
  /** As it was made; the claim writes it with its state and times. */
  readonly row: AttemptRow;
  /** True when its INTENT row is in the journal already. */
  readonly journalled: boolean;
  /** Until when an attempt of no effect may be followed by another, epoch milliseconds; null when none follows. */
  readonly followsUntilMs: number | null;
  /** What to answer when its client order id was used before; the gate's own answer when it is null. */
  readonly existing: ((found: AttemptRow, deadline: Deadline) => Promise<Existing>) | null;
  #claimed = false;
  #stopped = false;
  #unclear = false;

  constructor(options: CommandOptions) {
    this.deadline = options.deadline;
    this.urgency = options.urgency;
    this.send = options.send;
    this.prepare = options.prepare ?? null;
    this.row = options.row;
    this.journalled = options.journalled;
    this.existing = options.existing ?? null;
    this.followsUntilMs = options.followsUntilMs ?? null;
  }

  /** Takes it out of the line while it waits; false once it is claimed, when only a cancel at the broker helps. */
  stop(): boolean {
    if (this.#claimed) return false;
    this.#stopped = true;
    this.deadline.expire();
    return true;
  }

  claim(): void {
    this.#claimed = true;
  }

  /** Whether it came as far as its claim. Before that its row is as whoever made it left it. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** The journal did not say whether it took the claim; nothing was sent on it, and nothing will be. */
  loseClaim(): void {
    this.#unclear = true;
  }

  get unclear(): boolean {
    return this.#unclear;
  }

  get stopped(): boolean {
    return this.#stopped;
  }
}

export type CommandOptions = Pick<Command, 'deadline' | 'urgency' | 'send' | 'row' | 'journalled'> &
  Partial<Pick<Command, 'prepare' | 'existing' | 'followsUntilMs'>>;

/** What became of an id that was used before, and the attempt that tells it. */
export interface Existing {
  readonly row: AttemptRow;
  readonly outcome: OrderOutcome;
}
