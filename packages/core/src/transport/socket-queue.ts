import type { SocketSlot } from './socket-slot.js';
import type { Seeker, Sockets } from './sockets.js';

/** A call that has its place in a lane and waits for a socket. */
export interface SocketWaiter extends Seeker {
  readonly sockets: Sockets;
  readonly resolve: (slot: SocketSlot) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Who waits for a socket: users take turns, however many calls one of them has waiting, and of one user's calls the
 * most urgent goes first.
 */
export class SocketQueue {
  /** The user served last stands last. */
  readonly #lines = new Map<string, readonly Set<SocketWaiter>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiter: SocketWaiter): void {
    const { userId } = waiter.sockets;
    let line = this.#lines.get(userId);
    if (line === undefined) this.#lines.set(userId, (line = Array.from({ length: RANKS }, () => new Set())));
    line[rankOf(waiter)]?.add(waiter);
    this.#size += 1;
  }

  /** @returns false when it no longer waits */
  remove(waiter: SocketWaiter): boolean {
    const { userId } = waiter.sockets;
    const line = this.#lines.get(userId);
    if (line?.[rankOf(waiter)]?.delete(waiter) !== true) return false;
    this.#size -= 1;
    if (line.every(({ size }) => size === 0)) this.#lines.delete(userId);
    return true;
  }

  /** The next call of each user, in the order of their turns. A copy: whoever is served leaves meanwhile. */
  heads(): readonly SocketWaiter[] {
    return [...this.#lines.values()].flatMap((line) => headOf(line) ?? []);
  }

  /** This user had a turn. */
  served(userId: string): void {
    const line = this.#lines.get(userId);
    if (line === undefined) return;
    this.#lines.delete(userId);
    this.#lines.set(userId, line);
  }

  of(sockets: Sockets): readonly SocketWaiter[] {
    const line = this.#lines.get(sockets.userId) ?? [];
    return line.flatMap((waiters) => [...waiters].filter((waiter) => waiter.sockets === sockets));
  }
}

const RANKS = 7;

/** Log-ins go before the reads, which need one. */
function rankOf({ urgency, sockets: { lane } }: SocketWaiter): number {
  switch (urgency) {
    case 'cancel':
      return 0;
    case 'exit':
      return 1;
    case 'modify':
      return 2;
    case 'entry':
      return 3;
    default:
      return lane === 'auth' || lane === 'orders' ? 4 : lane === 'reads' ? 5 : 6;
  }
}

function headOf(line: readonly Set<SocketWaiter>[]): SocketWaiter | null {
  for (const waiters of line) {
    const [head] = waiters;
    if (head !== undefined) return head;
  }
  return null;
}
