import type { AttemptMove, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { ConnectionRef } from '../domain/order.js';
import type { GateRefusal } from '../domain/order-outcome.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { writeDetail } from './attempt-detail.js';
import type { JournalWriter } from './journal-writer.js';
import type { EmitOrderEvent } from './order-events.js';
import type { OrderRoad } from './order-road.js';
import { expiryOf, inTurn } from './queued-row.js';
import type { WaitingRows } from './waiting-rows.js';

export interface OrderQueueOptions {
  readonly userId: string;
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly waiting: WaitingRows;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
  /** Most orders that wait here at once. */
  readonly limit: number;
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
  /** Whether what waits for this connection may go now. */
  readonly mayDrain: (road: OrderRoad) => boolean;
  /** Checks it again and sends it, once, within so many milliseconds. */
  readonly send: (row: AttemptRow, road: OrderRoad, expiresAtMs: number, leftMs: number) => Promise<'stays' | 'gone'>;
}

/** What waits for one connection. The rows are the journal's; this is when each of them has to be over. */
interface Lane {
  readonly ref: ConnectionRef;
  /** By tag, on the monotonic clock: a wall clock that jumps back lengthens no wait. */
  readonly untilMs: Map<string, number>;
  /** When it is looked at again, and when it was last. Monotonic. */
  nextMs: number;
  passedMs: number;
  passing: Promise<void> | null;
  wanted: boolean;
}

const TRY_AGAIN_MS = 2_000;
/** Less time than this is too little for an answer: an order cut off in the middle is worse than one that expires. */
const LEAST_MS = 250;

/**
 * Orders that wait in the journal as INTENT for a connection that cannot take them yet. Each goes through the gate as any
 * other, one at a time per connection, exits first, then the oldest; the claim of its row decides between processes. A
 * row that expired or was cancelled is NOT_SENT, and can never be claimed.
 */
export class OrderQueue {
  readonly #options: OrderQueueOptions;
  readonly #lanes = new Map<string, Lane>();
  #cancelAlarm: (() => void) | null = null;
  /** Rows made up to then may be older than what was done to them, epoch milliseconds. */
  #doubtedUpToMs = -Infinity;
  #closed = false;

  constructor(options: OrderQueueOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    let waiting = 0;
    for (const { untilMs } of this.#lanes.values()) waiting += untilMs.size;
    return waiting >= this.#options.limit;
  }

  /** A row that is durable in the journal, of this process or taken over from one that is gone. */
  take(row: AttemptRow): void {
    if (this.#closed) return;
    this.#note(this.#lane(row), row);
    this.#arm();
  }

  /** The connection may be able to take what waits: looks now, also for rows of other processes. */
  wake(ref: ConnectionRef): void {
    if (!this.#closed) void this.#pass(this.#lane(ref));
  }

  /** Places of this user that wait at those connections, in the order in which they go. */
  async list(refs: readonly ConnectionRef[]): Promise<readonly AttemptRow[]> {
    const all = new Map([...refs, ...[...this.#lanes.values()].map(({ ref }) => ref)].map((ref) => [keyOf(ref), ref]));
    const rows = await Promise.all([...all.values()].map((ref) => this.#rows(ref)));
    return rows.flatMap(inTurn);
  }

  /** The journal lost rows it had: what waited may have been sent all the same, so it is looked for instead. */
  journalWentBack(): void {
    this.#doubtedUpToMs = this.#options.clock.now();
    for (const lane of this.#lanes.values()) void this.#pass(lane);
  }

  /** Rows stay in the journal, for the next start. One that is being sent is whoever sends it's to end. */
  close(): void {
    this.#closed = true;
    this.#cancelAlarm?.();
  }

  #lane({ broker, account }: ConnectionRef): Lane {
    const key = keyOf({ broker, account });
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = {
        ref: { broker, account },
        untilMs: new Map(),
        nextMs: Infinity,
        passedMs: 0,
        passing: null,
        wanted: false,
      };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #note(lane: Lane, row: AttemptRow): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    if (!lane.untilMs.has(row.tag)) lane.untilMs.set(row.tag, now + (expiryOf(row) ?? 0) - clock.now());
    lane.nextMs = Math.min(lane.nextMs, now + TRY_AGAIN_MS);
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    if (this.#closed) return;
    const idle = [...this.#lanes.values()].filter(({ passing }) => passing === null);
    const next = Math.min(...idle.map(dueMs));
    if (next === Infinity) return;
    const wait = Math.max(0, Math.ceil(next - clock.monotonic()));
    this.#cancelAlarm = clock.after(wait, () => this.#passDue(), { background: true });
  }

  #passDue(): void {
    const now = this.#options.clock.monotonic();
    for (const lane of this.#lanes.values()) {
      if (lane.passing === null && dueMs(lane) <= now) void this.#pass(lane);
    }
    this.#arm();
  }

  /** One at a time per connection; asked for meanwhile, it is made once more. */
  #pass(lane: Lane): Promise<void> {
    lane.wanted = true;
    lane.passing ??= this.#passes(lane).finally(() => {
      lane.passing = null;
      this.#arm();
    });
    return lane.passing;
  }

  async #passes(lane: Lane): Promise<void> {
    while (lane.wanted && !this.#closed) {
      lane.wanted = false;
      try {
        await this.#passOnce(lane);
      } catch (error) {
        const { broker, account } = lane.ref;
        this.#options.logger.warn('queue-not-drained', { broker, account, error: errorName(error) });
      }
      lane.passedMs = this.#options.clock.monotonic();
      lane.nextMs = lane.untilMs.size === 0 ? Infinity : lane.passedMs + TRY_AGAIN_MS;
    }
  }

  async #passOnce(lane: Lane): Promise<void> {
    const rows = await this.#rows(lane.ref);
    const there = new Set(rows.map(({ tag }) => tag));
    for (const tag of lane.untilMs.keys()) if (!there.has(tag)) lane.untilMs.delete(tag); // ended, or claimed elsewhere
    for (const row of rows) this.#note(lane, row);
    let isBlocked = false;
    for (const row of inTurn(rows)) {
      if (this.#closed) return;
      const end = await this.#treat(lane, row, isBlocked);
      if (end === 'gone') lane.untilMs.delete(row.tag);
      else isBlocked = true;
    }
  }

  async #treat(lane: Lane, row: AttemptRow, isBlocked: boolean): Promise<'stays' | 'gone'> {
    const { waiting, roadOf, send, clock } = this.#options;
    const road = roadOf(lane.ref);
    if (row.createdAtMs <= this.#doubtedUpToMs) return this.#doubt(row, road);
    const withdrawn = waiting.withdrawnFor(row.tag);
    if (withdrawn !== null) return this.#end(row, withdrawn);
    const leftMs = this.#leftMs(lane, row);
    if (leftMs <= 0) return this.#end(row, 'expired');
    if (isBlocked || leftMs < LEAST_MS || road === null || !this.#isReady(road)) return 'stays';
    return send(row, road, clock.now() + leftMs, leftMs);
  }

  /** By both clocks: whichever says first that it is over. */
  #leftMs({ untilMs }: Lane, row: AttemptRow): number {
    const { clock } = this.#options;
    const byWall = (expiryOf(row) ?? 0) - clock.now();
    return Math.min(byWall, (untilMs.get(row.tag) ?? 0) - clock.monotonic());
  }

  #isReady(road: OrderRoad): boolean {
    const { gate } = road;
    return gate.isOpen && gate.connection.state.status === 'connected' && this.#options.mayDrain(road);
  }

  async #end(row: AttemptRow, why: GateRefusal): Promise<'gone'> {
    await this.#options.waiting.end(row, why); // when it was claimed first, it is gone as well
    return 'gone';
  }

  /** It may have been sent by what the journal lost: claimed, never sent, and looked for until the broker tells. */
  async #doubt(row: AttemptRow, road: OrderRoad | null): Promise<'stays' | 'gone'> {
    if (road === null) return 'stays';
    const { journal, writer, clock, owner, emit } = this.#options;
    const { tag, userId, clientOrderId, broker, account } = row;
    const atMs = clock.now();
    const move: AttemptMove = { tag, userId, from: 'INTENT', to: 'SUBMITTING', owner, sendByMs: atMs, atMs };
    if (!(await journal.move(move))) return 'gone';
    const detail = writeDetail({ kind: 'why', why: 'it waited when the journal lost rows' });
    const lost = writer.move({ ...row, state: 'SUBMITTING', owner, sendByMs: atMs }, 'lost-sight', { detail });
    if (lost === null) return 'gone';
    const connection = { broker, account };
    emit('order-changed', {
      clientOrderId,
      connection,
      command: 'place',
      state: lost.state,
      brokerOrderId: null,
      atMs,
    });
    void road.reconciler.watchTakenOver(lost);
    return 'gone';
  }

  async #rows({ broker, account }: ConnectionRef): Promise<readonly AttemptRow[]> {
    const { journal, userId } = this.#options;
    const rows = await journal.inState({ userId, broker, account }, ['INTENT']);
    return rows.filter((row) => expiryOf(row) !== null);
  }
}

/** A row that was over when it was last looked at, and is still there, is not looked at again at once. */
const dueMs = ({ untilMs, nextMs, passedMs }: Lane): number =>
  Math.min(nextMs, ...[...untilMs.values()].filter((ms) => ms > passedMs));

const keyOf = ({ broker, account }: ConnectionRef): string => JSON.stringify([broker, account]);
