import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import type { ConnectionStatus } from '../src/connection/connection-state.js';
import type { CallTrouble } from '../src/connection/health-monitor.js';
import type { Lane } from '../src/contract/http.js';
import type { Candle, Quote, QuoteDetail } from '../src/domain/market-data.js';
import type { BrokerOrder, ConnectionRef } from '../src/domain/order.js';
import type { Funds, Holding, Position, Trade } from '../src/domain/portfolio.js';
import { AlgoError } from '../src/errors/algo-error.js';
import type { AccountSource } from '../src/routing/account-reads.js';
import type { FailoverStrategy } from '../src/routing/failover-strategy.js';
import type { ReadLimit } from '../src/connection/read-limit.js';
import type { MarketSource } from '../src/routing/read-router.js';
import { RecoveryWatch } from '../src/routing/recovery-watch.js';
import { Router } from '../src/routing/router.js';
import type { RoutingEvents } from '../src/routing/routing-events.js';

export type ScriptedAnswer = 'answers' | 'hangs' | AlgoError | Error;

/** A connection that does as it is told, without a wire. A try that hangs ends at its deadline, as core's own calls do. */
export class ScriptedConnection implements MarketSource, AccountSource {
  readonly broker: string;
  readonly account: string;
  state: { status: ConnectionStatus } = { status: 'connected' };
  /** Lanes whose breaker is not closed. */
  readonly broken = new Set<Lane>();
  traffic: CallTrouble = { misses60s: 0, calls5m: 0, failures5m: 0 };
  answer: ScriptedAnswer = 'answers';
  /** How long an answer takes. */
  tookMs = 0;
  positionsHeld: readonly Position[] = [];
  holdingsHeld: readonly Holding[] = [];
  available = 1_000;
  /** The market as this broker shows it. */
  lastPrice = 100;
  readonly asked: { readonly what: string; readonly limit: ReadLimit | null }[] = [];
  readonly #clock: FakeClock;

  constructor(broker: string, account: string, clock: FakeClock) {
    this.broker = broker;
    this.account = account;
    this.#clock = clock;
  }

  get ref(): ConnectionRef {
    return { broker: this.broker, account: this.account };
  }

  trouble(): CallTrouble {
    return this.traffic;
  }

  isUsable(lane: Lane): boolean {
    return this.state.status === 'connected' && !this.broken.has(lane);
  }

  down(): void {
    this.state = { status: 'error' };
  }

  up(): void {
    this.state = { status: 'connected' };
    this.broken.clear();
  }

  quotes(instruments: readonly string[], _detail: QuoteDetail, limit: ReadLimit): Promise<readonly Quote[]> {
    const quote = (instrument: string): Quote => ({
      instrument,
      lastPrice: this.lastPrice,
      asOfMs: this.#clock.now(),
      full: null,
    });
    return this.#reply('quotes', limit, () => instruments.map(quote));
  }

  candles(_request: unknown, limit: ReadLimit): Promise<readonly Candle[]> {
    const { lastPrice: price } = this;
    const candle = { startMs: 0, open: price, high: price, low: price, close: price, volume: 1, openInterest: null };
    return this.#reply('candles', limit, () => [candle]);
  }

  orders(): Promise<readonly BrokerOrder[]> {
    return this.#reply('orders', null, () => []);
  }

  trades(): Promise<readonly Trade[]> {
    return this.#reply('trades', null, () => []);
  }

  positions(): Promise<readonly Position[]> {
    return this.#reply('positions', null, () => this.positionsHeld);
  }

  holdings(): Promise<readonly Holding[]> {
    return this.#reply('holdings', null, () => this.holdingsHeld);
  }

  funds(): Promise<Funds> {
    const { available } = this;
    return this.#reply('funds', null, () => ({
      available,
      used: 0,
      collateral: 0,
      withdrawable: 0,
      openingBalance: available,
    }));
  }

  async #reply<Value>(what: string, limit: ReadLimit | null, value: () => Value): Promise<Value> {
    this.asked.push({ what, limit });
    const { answer } = this;
    const deadlineMs = limit?.deadlineMs ?? 10_000;
    const takesMs = answer === 'hangs' ? Infinity : this.tookMs;
    if (takesMs > 0) await this.#pause(Math.min(takesMs, deadlineMs));
    if (takesMs > deadlineMs) throw new AlgoError('ALGO_DEADLINE', { deadlineMs });
    if (answer instanceof Error) throw answer;
    return value();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }
}

export const unreachable = (broker = 'one'): AlgoError =>
  new AlgoError('ALGO_BROKER_UNREACHABLE', { broker, cause: 'ECONNREFUSED' });

export type ToldEvent = { [Name in keyof RoutingEvents]: readonly [Name, RoutingEvents[Name]] }[keyof RoutingEvents];

export interface Routed {
  readonly clock: FakeClock;
  readonly watch: RecoveryWatch;
  readonly router: Router<ScriptedConnection>;
  readonly connections: ScriptedConnection[];
  readonly one: ScriptedConnection;
  readonly two: ScriptedConnection;
  readonly three: ScriptedConnection;
  /** What the host was told, in order. */
  readonly told: ToldEvent[];
  /** Names of the events, emptied with each look. */
  readonly news: () => readonly string[];
}

/** Three connections of one user, `one` the primary. */
export function routed(strategy: Partial<FailoverStrategy> | null = {}): Routed {
  const clock = createFakeClock();
  const watch = new RecoveryWatch(clock);
  const [one, two, three] = [
    new ScriptedConnection('one', 'main', clock),
    new ScriptedConnection('two', 'main', clock),
    new ScriptedConnection('three', 'main', clock),
  ];
  const connections = [one, two, three];
  const told: ToldEvent[] = [];
  const router = new Router({
    clock,
    watch,
    connections: () => connections,
    preferred: () => null,
    emit: (...pair) => void told.push(pair),
  });
  if (strategy !== null) {
    router.use({ primary: one.ref, backups: [two.ref, three.ref], rules: [], ...strategy });
  }
  let seen = 0;
  const news = (): readonly string[] => {
    const fresh = told.slice(seen).map(([name]) => name);
    seen = told.length;
    return fresh;
  };
  return { clock, watch, router, connections, one, two, three, told, news };
}
