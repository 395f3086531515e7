import type { ConnectionRef } from '../domain/order.js';
import type { Clock } from '../runtime/clock.js';
import type { EmitRoutingEvent } from './routing-events.js';

/** Tells once that no connection of a strategy answers, and once that one does again. */
export class Outage {
  readonly #clock: Clock;
  readonly #emit: EmitRoutingEvent;
  #sinceMonotonicMs: number | null = null;
  /** Before anything was connected nothing can have gone. */
  #wasUp = false;

  constructor(clock: Clock, emit: EmitRoutingEvent) {
    this.#clock = clock;
    this.#emit = emit;
  }

  get isOn(): boolean {
    return this.#sinceMonotonicMs !== null;
  }

  /** @param isSure a call has just found nobody */
  isDown(connections: readonly ConnectionRef[], isSure: boolean): void {
    if (this.isOn || (!isSure && !this.#wasUp)) return;
    this.#sinceMonotonicMs = this.#clock.monotonic();
    this.#emit('brokers-down', { connections, sinceMs: this.#clock.now() });
  }

  isUp(connection: ConnectionRef): void {
    this.#wasUp = true;
    if (this.#sinceMonotonicMs === null) return;
    const downForMs = Math.round(this.#clock.monotonic() - this.#sinceMonotonicMs);
    this.#sinceMonotonicMs = null;
    this.#emit('brokers-up', { connection, downForMs });
  }

  reset(): void {
    this.#sinceMonotonicMs = null;
    this.#wasUp = false;
  }
}
