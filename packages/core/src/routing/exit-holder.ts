import type { ConnectionRef, OrderRequest } from '../domain/order.js';
import type { Holding, Position } from '../domain/portfolio.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { AccountReader } from './account-reads.js';
import { isSameConnection } from './choose-connection.js';
import { nameOf, refOf } from './routable.js';

export interface ExitHolderOptions {
  readonly clock: Clock;
  readonly accounts: AccountReader;
  /** The user's connections, whatever their state. */
  readonly connections: () => readonly ConnectionRef[];
  /** The connection that serves; null without a strategy. */
  readonly serving: () => ConnectionRef | null;
}

type Exit = Pick<OrderRequest, 'instrument' | 'side' | 'quantity' | 'product' | 'deadlineMs'>;

interface Held {
  readonly ref: ConnectionRef;
  readonly quantity: number;
}

/** An exit is urgent: what a broker does not show by then is taken as it was known last. */
const PATIENCE_MS = 1_500;

/**
 * Finds the connection whose account holds what an exit closes, by reading the positions at all of them; the only one is
 * not asked. A broker that does not answer is judged by what it showed last. Nothing is guessed.
 *
 * @throws {AlgoError} `ALGO_NOT_CONNECTED`; `ALGO_CONNECTION_UNCLEAR` when none holds it, or several do and none of them
 *   serves
 */
export async function findExitHolder(exit: Exit, options: ExitHolderOptions): Promise<ConnectionRef> {
  const refs = options.connections().map(refOf);
  const [only, other] = refs;
  if (only === undefined) throw new AlgoError('ALGO_NOT_CONNECTED', { broker: null, account: null });
  if (other === undefined) return only;
  const held = await Promise.all(refs.map((ref) => heldAt(ref, exit, options)));
  const holders = held.filter(({ quantity }) => quantity > 0);
  const enough = holders.filter(({ quantity }) => quantity >= exit.quantity);
  return oneOf(
    (enough.length > 0 ? enough : holders).map(({ ref }) => ref),
    refs,
    options.serving(),
  );
}

function oneOf(
  holders: readonly ConnectionRef[],
  all: readonly ConnectionRef[],
  serving: ConnectionRef | null,
): ConnectionRef {
  const [first, second] = holders;
  if (first !== undefined && second === undefined) return first;
  const chosen = serving === null ? undefined : holders.find((ref) => isSameConnection(ref, serving));
  if (chosen !== undefined) return chosen;
  const unclear = first === undefined ? all : holders;
  throw new AlgoError('ALGO_CONNECTION_UNCLEAR', { connections: unclear.map(nameOf) });
}

async function heldAt(ref: ConnectionRef, exit: Exit, options: ExitHolderOptions): Promise<Held> {
  const { accounts, clock } = options;
  const patienceMs = Math.min(PATIENCE_MS, (exit.deadlineMs ?? Infinity) / 2); // the other half is for the order
  const [positions, holdings] = await Promise.all([
    inTime(clock, patienceMs, accounts.positions(ref), () => accounts.knownPositions(ref)),
    needsHoldings(exit) ? inTime(clock, patienceMs, accounts.holdings(ref), () => accounts.knownHoldings(ref)) : null,
  ]);
  return { ref, quantity: closable(exit, positions ?? []) + sellable(exit, holdings ?? []) };
}

/** Shares bought on earlier days are no position. */
const needsHoldings = ({ side, product }: Exit): boolean => side === 'SELL' && product === 'CNC';

function closable({ instrument, side, product }: Exit, positions: readonly Position[]): number {
  const net = positions
    .filter((position) => position.instrument === instrument && position.product === product)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.max(0, side === 'SELL' ? net : -net);
}

const sellable = ({ instrument }: Exit, holdings: readonly Holding[]): number =>
  holdings
    .filter((holding) => holding.instrument === instrument)
    .reduce((sum, { availableQuantity }) => sum + availableQuantity, 0);

function inTime<Value>(
  clock: Clock,
  patienceMs: number,
  work: Promise<{ readonly value: Value }>,
  known: () => Value | null,
): Promise<Value | null> {
  return new Promise((resolve) => {
    const cancel = clock.after(patienceMs, () => resolve(known()));
    work
      .then(
        ({ value }) => resolve(value),
        () => resolve(known()),
      )
      .finally(cancel);
  });
}
