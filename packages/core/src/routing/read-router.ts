import type { ReadLimit } from '../connection/read-limit.js';
import type { InstrumentId } from '../domain/instrument.js';
import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import type { ConnectionRef } from '../domain/order.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { Reading } from './failover-strategy.js';
import { LastKnown } from './last-known.js';
import { ReadBalance } from './read-balance.js';
import { readFailureOf } from './read-failure.js';
import { nameOf, refOf } from './routable.js';
import type { Routable } from './routable.js';
import type { Router } from './router.js';

/**
 * Market data from whichever connection has it. A broker that does not answer is left for the next within one deadline of
 * 10 s; when none answers, the last that was known comes back marked `stale`.
 */
export interface MarketReads {
  /**
   * In the order asked; an instrument that no quote is had for is left out. Read from brokers, all are from one of them;
   * stale ones may be of several moments, and the reading tells of the oldest.
   *
   * @throws {AlgoError} `ALGO_ALL_BROKERS_DOWN` when nothing was read before; what the broker said when it is there and
   *   does not have it
   */
  quotes(instruments: readonly InstrumentId[], detail?: QuoteDetail): Promise<Reading<readonly Quote[]>>;
  /** Oldest first. @throws {AlgoError} as `quotes` */
  candles(request: CandleRequest): Promise<Reading<readonly Candle[]>>;
}

export interface MarketSource extends Routable {
  quotes(instruments: readonly InstrumentId[], detail: QuoteDetail, limit: ReadLimit): Promise<readonly Quote[]>;
  candles(request: CandleRequest, limit: ReadLimit): Promise<readonly Candle[]>;
}

export interface ReadRouterOptions<Source extends MarketSource> {
  readonly router: Router<Source>;
  readonly clock: Clock;
  /** For all tries together. @default 10000 */
  readonly deadlineMs?: number;
  /** Longest try while there is another broker to ask; the last one has all the time that is left. @default 1000 */
  readonly firstTryMs?: number;
}

type Found<Value> = { readonly value: Value; readonly from: ConnectionRef };

const DEADLINE_MS = 10_000;
const FIRST_TRY_MS = 1_000;
const MOST_QUOTES = 1_000;
const MOST_CANDLES = 16;

export class ReadRouter<Source extends MarketSource> implements MarketReads {
  readonly #options: ReadRouterOptions<Source>;
  readonly #balance = new ReadBalance();
  readonly #quotes = new LastKnown<Quote>(MOST_QUOTES);
  readonly #candles = new LastKnown<readonly Candle[]>(MOST_CANDLES);

  constructor(options: ReadRouterOptions<Source>) {
    this.#options = options;
  }

  async quotes(instruments: readonly InstrumentId[], detail: QuoteDetail = 'ltp'): Promise<Reading<readonly Quote[]>> {
    const found = await this.#ask(
      (source, limit) => source.quotes(instruments, detail, limit),
      () => this.#knownQuotes(instruments, detail),
    );
    if ('stale' in found) return found;
    const asOfMs = this.#options.clock.now();
    for (const quote of found.value) {
      this.#quotes.remember(quoteKey(quote.instrument, detail), quote, found.from, asOfMs);
    }
    const { value, from } = found;
    return { value, from, asOfMs, stale: false };
  }

  async candles(request: CandleRequest): Promise<Reading<readonly Candle[]>> {
    const { instrument, interval, fromMs, toMs } = request;
    const key = JSON.stringify([instrument, interval, fromMs, toMs]);
    const found = await this.#ask(
      (source, limit) => source.candles(request, limit),
      () => this.#candles.recall(key),
    );
    if ('stale' in found) return found;
    return this.#candles.remember(key, found.value, found.from, this.#options.clock.now());
  }

  /** Drops what was remembered. */
  clear(): void {
    this.#quotes.clear();
    this.#candles.clear();
  }

  async #ask<Value>(
    read: (source: Source, limit: ReadLimit) => Promise<Value>,
    recall: () => Reading<Value> | null,
  ): Promise<Found<Value> | Reading<Value>> {
    const { router, clock, deadlineMs = DEADLINE_MS } = this.#options;
    const sources = this.#inTurn();
    const failures: AnyAlgoError[] = [];
    const endsAtMs = clock.monotonic() + deadlineMs;
    for (const [at, source] of sources.entries()) {
      const leftMs = endsAtMs - clock.monotonic();
      if (leftMs <= 0) break;
      try {
        const work = read(source, this.#limit(leftMs, sources.length - at));
        return { value: await (this.#balances ? this.#balance.during(source, work) : work), from: refOf(source) };
      } catch (error) {
        if (!isAlgoError(error) || readFailureOf(error) === 'final') throw error;
        failures.push(error);
        router.noticed();
      }
    }
    return this.#withoutAnswer(failures, recall);
  }

  #limit(leftMs: number, sourcesLeft: number): ReadLimit {
    const { firstTryMs = FIRST_TRY_MS } = this.#options;
    return sourcesLeft === 1
      ? { deadlineMs: leftMs, tries: null }
      : { deadlineMs: Math.min(leftMs, firstTryMs), tries: 1 };
  }

  #inTurn(): readonly Source[] {
    const { onProbe, ready, doubtful } = this.#options.router.forMarketData();
    return [...onProbe, ...(this.#balances ? this.#balance.order(ready) : ready), ...doubtful];
  }

  get #balances(): boolean {
    return this.#options.router.strategy?.reads === 'balance';
  }

  /** What a broker said counts for more than an old value only if every broker was there to say so. */
  #withoutAnswer<Value>(failures: readonly AnyAlgoError[], recall: () => Reading<Value> | null): Reading<Value> {
    const { router } = this.#options;
    const answer = failures.find((error) => readFailureOf(error) === 'answer');
    if (answer !== undefined && failures.every((error) => readFailureOf(error) === 'answer')) throw answer;
    router.foundNobody();
    const known = recall();
    if (known !== null) return known;
    if (answer !== undefined) throw answer;
    const { strategy } = router;
    const [first] = failures;
    if (strategy === null && first !== undefined) throw first;
    const refs = strategy === null ? [] : [strategy.primary, ...strategy.backups];
    throw new AlgoError('ALGO_ALL_BROKERS_DOWN', { connections: refs.map(nameOf) });
  }

  #knownQuotes(instruments: readonly InstrumentId[], detail: QuoteDetail): Reading<readonly Quote[]> | null {
    const known = instruments
      .map((instrument) => this.#quotes.recall(quoteKey(instrument, detail)))
      .filter((reading) => reading !== null);
    const [first, ...others] = known;
    if (first === undefined) return null;
    const oldest = others.reduce((a, b) => (b.asOfMs < a.asOfMs ? b : a), first);
    return { ...oldest, value: known.map(({ value }) => value) };
  }
}

const quoteKey = (instrument: InstrumentId, detail: QuoteDetail): string => `${detail} ${instrument}`;
