import type { Connection } from '../connection/connection.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { BrokerOrder } from '../domain/order.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import { tradingDayOf } from '../domain/time.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { AcknowledgedOrders } from './acknowledged-orders.js';
import { Evidence } from './evidence.js';
import type { AttemptEvent } from './attempt.js';
import { writeDetail } from './attempt-detail.js';
import type { AttemptDetail } from './attempt-detail.js';
import type { JournalWriter } from './journal-writer.js';
import { mayBe } from './look-alike.js';
import { LONGEST_DEADLINE_MS } from './order-check.js';
import type { EmitOrderEvent } from './order-events.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';

export interface ReconcilerOptions {
  readonly connection: Connection;
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
  readonly acknowledged: AcknowledgedOrders;
  readonly onSeen: (clientOrderId: string, order: BrokerOrder) => void;
  /** What becomes of a command that another process is at work on; null when none is. */
  readonly elsewhere: (row: AttemptRow) => Promise<OrderOutcome> | null;
}

/** When to look, after the last moment the request could have been written (reliability.md A.3). */
const FIRST_LOOKS_MS: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000];
const LOOK_EVERY_MS = 10_000;
/** Surfaced orders, and those held absent, are looked for until the day ends. */
const WATCH_EVERY_MS = 60_000;
const SURFACE_AFTER_WINDOW_MS = 20_000;
const LOOK_DEADLINE_MS = 8_000;

/** One command whose fate is not known. */
interface Watch {
  row: AttemptRow;
  readonly evidence: Evidence;
  readonly startedMs: number;
  /** Last moment at which its bytes may have been written; monotonic. */
  readonly sentByMs: number;
  looks: number;
  nextLookMs: number;
  settle: (outcome: OrderOutcome) => void;
  settled: Promise<OrderOutcome>;
}

/**
 * Finds out what became of commands nobody can account for: by tag, then in the book, until they are FOUND, proven
 * ABSENT, or surfaced as UNRESOLVED. It never sends anything again.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #watches = new Map<string, Watch>();
  #cancelAlarm: (() => void) | null = null;
  #looking = false;
  #closed = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Looks for a command in state AMBIGUOUS or UNRESOLVED; the promise is the `settled` of its unknown outcome. */
  watch(row: AttemptRow): Promise<OrderOutcome> {
    return this.#watch(row, 0);
  }

  /** The same for a command of another process, which may live on unseen and send it up to the last moment. */
  watchTakenOver(row: AttemptRow): Promise<OrderOutcome> {
    const leftMs = (row.sendByMs ?? 0) - this.#options.clock.now(); // our clock may be wrong, no deadline is longer
    return this.#watch(row, Math.min(Math.max(0, leftMs), LONGEST_DEADLINE_MS));
  }

  /** What a row of a command that is being looked for, here or elsewhere, resolves to; itself when nobody looks any more. */
  settledOf(row: AttemptRow): Promise<OrderOutcome> {
    return this.#watches.get(row.tag)?.settled ?? this.#options.elsewhere(row) ?? Promise.resolve(lastWord(row));
  }

  isWatching(tag: string): boolean {
    return this.#watches.has(tag);
  }

  /** Shows a book that was read anyway: whoever is in it need not be looked up. */
  show(orders: readonly BrokerOrder[]): void {
    for (const watch of this.#watches.values()) {
      if (watch.row.kind === 'place') this.#findIn(watch, orders);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelAlarm?.();
    for (const watch of this.#watches.values()) watch.settle(lastWord(watch.row));
    this.#watches.clear();
  }

  #watch(row: AttemptRow, mayGoForMs: number): Promise<OrderOutcome> {
    const known = this.#watches.get(row.tag);
    if (known !== undefined) return known.settled;
    const { clock, connection } = this.#options;
    if (this.#closed || row.tradingDay !== tradingDayOf(clock.now())) return this.#fromAnotherDay(row);
    const startedMs = clock.monotonic();
    const sentByMs = startedMs + mayGoForMs;
    const watch: Watch = {
      row,
      evidence: new Evidence(sentByMs, connection.capabilities.orderIdentity),
      startedMs,
      sentByMs,
      looks: 0,
      nextLookMs: startedMs + (FIRST_LOOKS_MS[0] ?? 0),
      ...deferred(),
    };
    this.#watches.set(row.tag, watch);
    this.#arm();
    return watch.settled;
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    if (this.#closed || this.#looking || this.#watches.size === 0) return;
    const watches = [...this.#watches.values()];
    const next = Math.min(...watches.map(({ nextLookMs }) => nextLookMs));
    // Somebody may be waiting for an answer still; those already surfaced keep no process alive.
    const background = watches.every(({ row }) => row.state !== 'AMBIGUOUS');
    const wait = Math.max(0, next - clock.monotonic());
    this.#cancelAlarm = clock.after(wait, () => void this.#look(), { background });
  }

  async #look(): Promise<void> {
    const { clock, logger } = this.#options;
    this.#looking = true;
    try {
      const now = clock.monotonic();
      const due = [...this.#watches.values()].filter(({ nextLookMs }) => nextLookMs <= now);
      await this.#lookForPlaces(due.filter(({ row }) => row.kind === 'place'));
      for (const watch of due.filter(({ row }) => row.kind !== 'place')) await this.#lookAtOrder(watch);
      for (const watch of due) if (this.#watches.has(watch.row.tag)) this.#conclude(watch);
    } catch (error) {
      logger.error('reconcile-failed', { error: error instanceof Error ? error.name : typeof error });
      for (const watch of this.#watches.values()) {
        watch.nextLookMs = Math.max(watch.nextLookMs, clock.monotonic() + LOOK_EVERY_MS);
      }
    } finally {
      this.#looking = false;
      this.#arm();
    }
  }

  /** By tag where the broker can, then one book for all that are still missing. */
  async #lookForPlaces(watches: readonly Watch[]): Promise<void> {
    const missing: Watch[] = [];
    for (const watch of watches) if (!(await this.#lookUpTag(watch))) missing.push(watch);
    if (missing.length === 0) return;

    const { connection, clock } = this.#options;
    const askedMs = clock.monotonic();
    const book = await connection.orderBook().catch(() => null);
    if (book === null) return;
    for (const watch of missing) {
      if (this.#findIn(watch, book.orders)) continue;
      const mayBeOurs = (order: BrokerOrder): boolean =>
        !this.#options.acknowledged.has(order.brokerOrderId) && mayBe(watch.row, order);
      watch.evidence.addBook(book, this.#toldBefore(watch.row), askedMs, clock.now(), mayBeOurs);
    }
  }

  /** What a fresh book must list: all we were told of before the order was made, and before the broker may still hide it. */
  #toldBefore(row: AttemptRow): readonly string[] {
    const { acknowledged, clock, connection } = this.#options;
    const visible = clock.now() - connection.capabilities.orderIdentity.visibleWithinMs;
    return acknowledged.before(Math.max(row.createdAtMs, visible));
  }

  async #lookUpTag(watch: Watch): Promise<boolean> {
    const { connection, clock } = this.#options;
    const { adapter, runner } = connection;
    const askedMs = clock.monotonic();
    const { tag } = watch.row;
    const read = runner.read('reads', LOOK_DEADLINE_MS, (call) => adapter.ordersByTag(tag, call));
    const orders = await read.catch(() => undefined);
    if (orders === undefined) return false;
    if (orders === null) watch.evidence.hasNoLookUp();
    else if (this.#findIn(watch, orders)) return true;
    else if (orders.length === 0) watch.evidence.addLookUp(askedMs); // something without our tag is no answer
    return false;
  }

  #findIn(watch: Watch, orders: readonly BrokerOrder[]): boolean {
    const mine = orders.filter(({ tag }) => tag === watch.row.tag);
    const [first] = mine;
    if (first === undefined) return false;
    if (mine.length > 1) this.#report(watch.row, 'two-orders-one-tag', mine);
    if (watch.row.state === 'ABSENT') this.#report(watch.row, 'late-sighting', mine);
    const rejected: AttemptDetail | null =
      first.status === 'REJECTED'
        ? { kind: 'rejected', reason: 'other', brokerCode: null, brokerText: first.reason ?? '' }
        : null;
    this.#end(watch, 'found', first.brokerOrderId, rejected);
    const { acknowledged, clock } = this.#options;
    acknowledged.remember(watch.row.clientOrderId, first.brokerOrderId, clock.now());
    this.#options.onSeen(watch.row.clientOrderId, first);
    return true;
  }

  /** A cancel or modify is judged by the order it was meant for. */
  async #lookAtOrder(watch: Watch): Promise<void> {
    const { connection, clock } = this.#options;
    const { adapter, runner } = connection;
    const { brokerOrderId } = watch.row;
    if (brokerOrderId === null) return;
    const askedMs = clock.monotonic();
    const read = runner.read('reads', LOOK_DEADLINE_MS, (call) => adapter.order(brokerOrderId, call));
    const order = await read.catch(() => null);
    if (order === null || order.brokerOrderId !== brokerOrderId) return;
    this.#options.onSeen(watch.row.clientOrderId, order);
    if (watch.evidence.addOrder(watch.row, order, askedMs, clock.now())) this.#end(watch, 'found', brokerOrderId, null);
  }

  /** After a look that did not find it: absent, surfaced, or looked for again. */
  #conclude(watch: Watch): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    if (watch.row.tradingDay !== tradingDayOf(clock.now())) return this.#giveUp(watch, 'its trading day is over');
    const proof = watch.row.state === 'ABSENT' ? null : watch.evidence.absence();
    if (proof !== null) return this.#holdAbsent(watch, { kind: 'proof', proof });
    const windowEnds = watch.sentByMs + this.#options.connection.capabilities.orderIdentity.visibleWithinMs;
    if (watch.row.state === 'AMBIGUOUS' && now >= windowEnds + SURFACE_AFTER_WINDOW_MS) {
      this.#surface(watch, watch.evidence.missing());
    }
    watch.looks += 1;
    watch.nextLookMs = this.#nextLook(watch, now);
  }

  #nextLook({ row, looks, startedMs }: Watch, now: number): number {
    if (row.state !== 'AMBIGUOUS') return now + WATCH_EVERY_MS;
    const early = FIRST_LOOKS_MS[looks];
    return Math.max(now, early === undefined ? now + LOOK_EVERY_MS : startedMs + early);
  }

  /** Proven absent, and still watched: a broker that shows it later has broken its word, and that must be seen. */
  #holdAbsent(watch: Watch, detail: AttemptDetail): void {
    const settle = watch.settle;
    this.#move(watch, 'absent', { detail: writeDetail(detail) });
    Object.assign(watch, deferred());
    watch.nextLookMs = this.#options.clock.monotonic() + WATCH_EVERY_MS;
    settle(outcomeOfRow(watch.row, () => watch.settled));
  }

  #surface(watch: Watch, why: string): void {
    const settle = watch.settle;
    this.#move(watch, 'unresolved', { detail: writeDetail({ kind: 'why', why }) });
    Object.assign(watch, deferred());
    const { clientOrderId, tag } = watch.row;
    this.#options.emit('order-unresolved', { clientOrderId, connection: this.#ref(), tag, why });
    settle(outcomeOfRow(watch.row, () => watch.settled));
  }

  #giveUp(watch: Watch, why: string): void {
    if (watch.row.state === 'AMBIGUOUS') this.#surface(watch, why);
    this.#watches.delete(watch.row.tag);
    watch.settle(lastWord(watch.row));
  }

  #fromAnotherDay(row: AttemptRow): Promise<OrderOutcome> {
    if (row.state !== 'AMBIGUOUS' || this.#closed) return Promise.resolve(lastWord(row));
    const never = { evidence: Evidence.none(), startedMs: 0, sentByMs: 0, looks: 0, nextLookMs: 0 };
    const watch: Watch = { row, ...never, ...deferred() };
    this.#giveUp(watch, 'it is from an earlier trading day, whose book can no longer be read');
    return Promise.resolve(lastWord(watch.row));
  }

  #end(watch: Watch, event: AttemptEvent, brokerOrderId: string, detail: AttemptDetail | null): void {
    this.#watches.delete(watch.row.tag);
    this.#move(watch, event, { brokerOrderId, ...(detail === null ? {} : { detail: writeDetail(detail) }) });
    watch.settle(outcomeOfRow(watch.row, () => watch.settled));
  }

  #move(watch: Watch, event: AttemptEvent, details: { brokerOrderId?: string; detail?: string }): void {
    watch.row = this.#options.writer.move(watch.row, event, details) ?? watch.row;
    const { clientOrderId, kind: command, state, brokerOrderId, updatedAtMs: atMs } = watch.row;
    this.#options.emit('order-changed', {
      clientOrderId,
      connection: this.#ref(),
      command,
      state,
      brokerOrderId,
      atMs,
    });
  }

  #report(row: AttemptRow, what: 'late-sighting' | 'two-orders-one-tag', orders: readonly BrokerOrder[]): void {
    const brokerOrderIds = orders.map(({ brokerOrderId }) => brokerOrderId);
    const { clientOrderId, tag } = row;
    this.#options.logger.error('order-incident', {
      clientOrderId,
      tag,
      what,
      brokerOrderIds: brokerOrderIds.join(' '),
    });
    this.#options.emit('order-incident', { clientOrderId, connection: this.#ref(), tag, what, brokerOrderIds });
  }

  #ref(): { readonly broker: string; readonly account: string } {
    const { broker, account } = this.#options.connection.key;
    return { broker, account };
  }
}

function deferred(): { settle: (outcome: OrderOutcome) => void; settled: Promise<OrderOutcome> } {
  let settle: (outcome: OrderOutcome) => void = () => undefined;
  const settled = new Promise<OrderOutcome>((resolve) => {
    settle = resolve;
  });
  return { settle, settled };
}
