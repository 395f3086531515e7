import type { Connection } from '../connection/connection.js';
import type { ConnectionRef } from '../domain/order.js';
import { isTerminal } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { OrderRouting } from '../orders/order-routing.js';
import { AccountReader } from '../routing/account-reads.js';
import type { AccountReads } from '../routing/account-reads.js';
import { findExitHolder } from '../routing/exit-holder.js';
import { ManualFailover } from '../routing/manual-failover.js';
import { ReadRouter } from '../routing/read-router.js';
import type { MarketReads } from '../routing/read-router.js';
import type { RecoveryWatch } from '../routing/recovery-watch.js';
import { Router } from '../routing/router.js';
import type { EmitRoutingEvent } from '../routing/routing-events.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import type { Line } from './line.js';
import { routedOrders } from './routed-orders.js';

export interface UserRoutingOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly watch: RecoveryWatch;
  readonly emit: EmitRoutingEvent;
  /** The connection the user chose for calls that name none, where there is no strategy. */
  readonly preferred: () => ConnectionRef | null;
  readonly lines: () => readonly Line[];
  readonly lineOf: (ref: ConnectionRef) => Line | null;
}

/** How one user's calls find their connection: reads, orders, and the person who moves them. */
export interface UserRouting {
  readonly router: Router<Connection>;
  readonly market: MarketReads;
  readonly accounts: AccountReads;
  readonly orders: OrderRouting;
  readonly byHand: ManualFailover<Connection>;
  /** @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR` */
  roadFor(wanted: ConnectionRef | undefined): Line;
  /** What was remembered of an account whose credentials changed may be another person's. */
  forget(ref: ConnectionRef): void;
  /** Nothing read is remembered any more, and nobody is watched. */
  close(): void;
}

export function buildUserRouting(options: UserRoutingOptions): UserRouting {
  const { clock, random, watch, emit, preferred, lines, lineOf } = options;
  const connections = (): readonly Connection[] => lines().map(({ connection }) => connection);
  const router = new Router<Connection>({ clock, watch, connections, preferred, emit });
  const market = new ReadRouter<Connection>({ router, clock });
  const accounts = new AccountReader({ clock, choose: (wanted) => router.choose(wanted) });
  const serving = (): ConnectionRef | null => router.status()?.serving ?? null;
  const roadFor = (wanted: ConnectionRef | undefined): Line => {
    const chosen = router.choose(wanted);
    const line = lineOf(chosen);
    if (line !== null) return line;
    throw new AlgoError('ALGO_NOT_CONNECTED', { broker: chosen.broker, account: chosen.account });
  };
  return {
    router,
    market,
    accounts,
    roadFor,
    orders: routedOrders({
      router,
      roadOf: lineOf,
      roadFor,
      holderOf: async (exit) => roadFor(await findExitHolder(exit, { clock, accounts, connections, serving })),
    }),
    byHand: new ManualFailover<Connection>({
      router,
      connections,
      clock,
      random,
      async openOrders(ref) {
        const { value, stale } = await accounts.orders(ref);
        if (stale) throw new Error('what the broker shows is old');
        return value.filter(({ status }) => !isTerminal(status)).length;
      },
    }),
    forget(ref) {
      accounts.forget(ref);
      market.clear();
    },
    close() {
      router.close();
      accounts.clear();
      market.clear();
    },
  };
}
