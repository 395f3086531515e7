import type { OrderBookReading } from '../contract/broker-adapter.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { BrokerOrder } from '../domain/order.js';
import type { NotSentProof } from '../domain/order-outcome.js';
import { readModifyRequest } from './command-text.js';

/** Two readings closer than this count as one: they may come from the same stale copy. */
const SPACING_MS = 5_000;
const BOOKS_NEEDED = 2;
const LOOK_ALIKE = 'the book lists an order like it without a tag of ours, which may be the one';

type Identity = BrokerCapabilities['orderIdentity'];

/**
 * What speaks for an order's absence. Only complete books of today, not older than what this account was told before,
 * not empty, read at least twice and spaced, the last one after the window in which the broker may still be hiding it;
 * and a look-up by tag after that window where the broker has one. An empty or failing book is never evidence.
 */
export class Evidence {
  readonly #windowEndsMs: number;
  readonly #grade: Identity['grade'];
  #books = 0;
  #lastBookMs = -Infinity;
  #lastReadAtMs = 0;
  #lookUps = 0;
  #lastLookUpMs = -Infinity;
  #canLookUp = true;
  #unusable = 'no book was read';

  constructor(startedMs: number, { grade, visibleWithinMs }: Identity) {
    this.#grade = grade;
    this.#windowEndsMs = startedMs + Math.max(120_000, visibleWithinMs);
  }

  /** For a row that can no longer be looked for. */
  static none(): Evidence {
    return new Evidence(0, { grade: 'G0', tagLength: 0, visibleWithinMs: 0 });
  }

  hasNoLookUp(): void {
    this.#canLookUp = false;
  }

  addLookUp(askedMs: number): void {
    this.#lookUps += 1;
    this.#lastLookUpMs = askedMs;
  }

  /**
   * @param acknowledged orders this account was told of before the command in question was made
   * @param mayBeOurs whether a row without a tag may be the order all the same
   */
  addBook(
    book: OrderBookReading,
    acknowledged: readonly string[],
    askedMs: number,
    nowMs: number,
    mayBeOurs: (order: BrokerOrder) => boolean = () => false,
  ): void {
    const why = book.orders.some(mayBeOurs) ? LOOK_ALIKE : unusable(book, acknowledged);
    if (why !== null) {
      this.#unusable = why;
      return;
    }
    this.#addReading(askedMs, nowMs);
  }

  /** A cancel or modify against the order as it is now. @returns true when it shows that the command worked */
  addOrder(row: AttemptRow, order: BrokerOrder, askedMs: number, nowMs: number): boolean {
    const worked = row.kind === 'cancel' ? order.status === 'CANCELLED' : showsModify(row, order);
    if (worked) return true;
    this.#canLookUp = false;
    this.#addReading(askedMs, nowMs);
    return false;
  }

  /** The proof, once there is enough; null before. */
  absence(): NotSentProof | null {
    return this.missing() === '' ? this.#proof() : null;
  }

  /** What is missing for a proof of absence, in words; empty when nothing is. */
  missing(): string {
    if (this.#grade === 'G0') return 'this broker does not echo our tag';
    if (this.#books === 0) return this.#unusable;
    if (this.#books < BOOKS_NEEDED) return 'a second book, read some time after the first';
    if (this.#lastBookMs < this.#windowEndsMs) return 'no usable book after the window';
    if (this.#canLookUp && this.#lastLookUpMs < this.#windowEndsMs) return 'no look-up by tag after the window';
    return '';
  }

  #proof(): NotSentProof {
    return { by: 'absent', books: this.#books, lookUps: this.#lookUps, lastReadAtMs: this.#lastReadAtMs };
  }

  #addReading(askedMs: number, nowMs: number): void {
    if (askedMs - this.#lastBookMs < SPACING_MS) return;
    this.#books += 1;
    this.#lastBookMs = askedMs;
    this.#lastReadAtMs = nowMs;
  }
}

function unusable({ orders, complete }: OrderBookReading, acknowledged: readonly string[]): string | null {
  if (!complete) return 'the book could not be read whole';
  if (orders.length === 0) return 'the book is empty, which a stale copy or a maintenance page is too';
  const listed = new Set(orders.map(({ brokerOrderId }) => brokerOrderId));
  if (acknowledged.some((id) => !listed.has(id))) return 'the book is older than orders we were told of';
  return null;
}

function showsModify(row: AttemptRow, order: BrokerOrder): boolean {
  const wanted = readModifyRequest(row.request);
  if (wanted === null) return false;
  const samePrice = wanted.price === null || order.price === wanted.price;
  const sameTrigger = wanted.triggerPrice === null || order.triggerPrice === wanted.triggerPrice;
  return order.quantity === wanted.quantity && samePrice && sameTrigger && order.type === wanted.type;
}
