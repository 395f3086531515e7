import type { OrderRequest } from '../domain/order.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Clock } from '../runtime/clock.js';
import type { Command } from './command.js';
import type { Asked } from './earlier-attempts.js';
import type { OrderRoad } from './order-road.js';

export interface FlightOptions {
  readonly clientOrderId: string;
  /** As it was asked for, in canonical text. */
  readonly text: string;
  readonly request: OrderRequest;
  readonly deadline: Deadline;
  readonly clock: Clock;
  readonly fly: (flight: Flight) => Promise<OrderOutcome>;
}

/** A place under way or of unknown outcome, through all of its attempts. */
export class Flight {
  readonly clientOrderId: string;
  readonly text: string;
  readonly request: OrderRequest;
  readonly deadline: Deadline;
  readonly outcome: Promise<OrderOutcome>;
  readonly #clock: Clock;
  readonly #tried: OrderRoad[] = [];
  #command: Command | null = null;
  #stopped = false;
  #wake: (() => void) | null = null;

  constructor(options: FlightOptions) {
    this.clientOrderId = options.clientOrderId;
    this.text = options.text;
    this.request = options.request;
    this.deadline = options.deadline;
    this.#clock = options.clock;
    this.outcome = options.fly(this);
  }

  /** Where it has been tried, in order; each once. */
  get tried(): readonly OrderRoad[] {
    return this.#tried;
  }

  /** Whether another attempt may still begin. */
  get mayGoOn(): boolean {
    return !this.#stopped && !this.deadline.over;
  }

  /** As far as a repetition has to be the same. */
  get asked(): Asked {
    return { clientOrderId: this.clientOrderId, text: this.text, connection: this.request.connection };
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** It is that connection's from now on. */
  goTo(road: OrderRoad): void {
    if (!this.#tried.includes(road)) this.#tried.push(road);
  }

  begin(command: Command, road: OrderRoad): void {
    this.#command = command;
    this.goTo(road);
    if (this.#stopped) command.stop();
  }

  /** Nothing of it is at a broker: until the next attempt begins it can be stopped whole. */
  ended(): void {
    this.#command = null;
  }

  /** No further attempt. False when one is claimed, and only a cancel at the broker helps. */
  stop(): boolean {
    this.#stopped = true;
    this.#wake?.();
    if (this.#command !== null) return this.#command.stop();
    this.deadline.expire();
    return true;
  }

  /** Ends early when it is stopped or its time is up. */
  pause(ms: number): Promise<void> {
    if (!this.mayGoOn) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#wake = null;
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#wake = end;
      this.deadline.onOver(end);
    });
  }

  /** What the work gives; `late` when it fails, or when the time is up or somebody stopped this first. */
  inTime<Value, Late>(work: Promise<Value>, late: Late): Promise<Value | Late> {
    return new Promise((resolve) => {
      work.then(resolve, () => resolve(late));
      this.deadline.onOver(() => resolve(late));
    });
  }
}
