import { createAngel, isAngelEvent, lastAngelEventMs } from './angel/angel.js';
import type { AngelReach } from './angel/angel.js';
import { resolveAngelOptions } from './angel/options.js';
import type { AngelOptions } from './angel/options.js';
import type { SimulatedBroker } from './broker.js';
import type { SimulatorClock } from './clock.js';
import { DEFAULT_START_MS, runningClock } from './clock.js';
import { createDhan, isDhanEvent, lastDhanEventMs } from './dhan/dhan.js';
import type { DhanReach } from './dhan/dhan.js';
import { dhanCatalogue } from './dhan/masters/catalogue.js';
import { resolveDhanOptions } from './dhan/options.js';
import type { DhanOptions } from './dhan/options.js';
import type { SimulatorExchange } from './exchange-door.js';
import { exchangeDoor } from './exchange-door.js';
import { isRecordedCommand } from './exchange/exchange-command.js';
import { Exchange } from './exchange/exchange.js';
import type { LedgerEntry } from './exchange/ledger.js';
import { createLedger } from './exchange/ledger.js';
import { createJainam, isJainamEvent, lastJainamEventMs } from './jainam/jainam.js';
import type { JainamReach } from './jainam/jainam.js';
import { resolveJainamOptions } from './jainam/options.js';
import type { JainamOptions } from './jainam/options.js';
import { createKotak, isKotakEvent, lastKotakEventMs } from './kotak/kotak.js';
import type { KotakReach } from './kotak/kotak.js';
import { resolveKotakOptions } from './kotak/options.js';
import type { KotakOptions } from './kotak/options.js';
import { createControl } from './server/control.js';
import { createFaultPlan } from './server/fault-plan.js';
import type { Fault } from './server/faults.js';
import type { FrontEnd } from './server/front-end.js';
import { createHangingRequests } from './server/hanging.js';
import type { ReceivedRequest } from './server/received.js';
import { startServer } from './server/server.js';
import type { RunningServer } from './server/server.js';
import { openStateFile } from './state.js';

/** Brokers that there is a front end for. */
export type BrokerName = 'jainam' | 'dhan' | 'angel' | 'kotak';
export const BROKER_NAMES: readonly BrokerName[] = ['jainam', 'dhan', 'angel', 'kotak'];

export interface SimulatorOptions {
  /** Front ends to serve, all over one exchange. @default ['dhan'] */
  readonly brokers?: readonly BrokerName[];
  /** Port on 127.0.0.1 of the first broker; the others follow it. 0 takes free ones. @default 0 */
  readonly port?: number;
  /** Directory that keeps accounts, orders, tokens and the ledger over a restart. @default nothing is kept */
  readonly state?: string;
  /** Where the default clock starts, epoch milliseconds, unless `state` has seen later times. @default 2026-11-20 10:00 IST */
  readonly startMs?: number;
  /** Another source of time. @default runs forward from `startMs` with real elapsed time */
  readonly clock?: SimulatorClock;
  /** Settles every chance: secrets of accounts, and which requests faults with a probability hit. @default 1 */
  readonly seed?: number;
  /** Faults injected before the first request. @default none */
  readonly faults?: readonly Fault[];
  /** Units the rest of the market trades at each new last price; keep it over restarts. @default without limit */
  readonly liquidity?: number;
  readonly jainam?: JainamOptions;
  readonly dhan?: DhanOptions;
  readonly angel?: AngelOptions;
  readonly kotak?: KotakOptions;
}

/** Where each broker is found. */
export interface Reaches {
  readonly jainam: JainamReach;
  readonly dhan: DhanReach;
  readonly angel: AngelReach;
  readonly kotak: KotakReach;
}

/** Asking for a broker that is not served throws. */
export interface Simulator extends Reaches {
  readonly brokers: readonly BrokerName[];
  readonly control: { readonly baseUrl: string };
  readonly clock: SimulatorClock;
  readonly exchange: SimulatorExchange;
  /** Every order the exchange accepted, oldest first. Only ever grows. */
  ledger(): readonly LedgerEntry[];
  /** Every request since the start, oldest first, control calls left out. */
  received(operation?: string): readonly ReceivedRequest[];
  inject(fault: Fault): void;
  clearFaults(): void;
  /** Lets every hanging request go on. */
  releaseHung(): void;
  /** Ends every connection; no timer, socket or listener stays behind. Hanging requests are dropped, not acted on. */
  close(): Promise<void>;
}

/** Opens the exchange and serves its brokers. Rejects when the port is taken or the state directory is unusable. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, port = 0, faults = [], liquidity = Number.POSITIVE_INFINITY, startMs = DEFAULT_START_MS } = options;
  const names: readonly BrokerName[] = [...new Set(options.brokers ?? ['dhan' as const])];
  if (names.length === 0) throw new Error('There is no broker to serve');
  const dhanOptions = resolveDhanOptions(options.dhan ?? {});
  const catalogue = dhanCatalogue(dhanOptions);
  const exchangeFile = openStateFile(options.state, 'exchange.jsonl', isRecordedCommand);
  const ledgerFile = openStateFile(options.state, 'ledger.jsonl', isLedgerEntry);
  const files = {
    jainam: openStateFile(options.state, 'jainam.jsonl', isJainamEvent),
    dhan: openStateFile(options.state, 'dhan.jsonl', isDhanEvent),
    angel: openStateFile(options.state, 'angel.jsonl', isAngelEvent),
    kotak: openStateFile(options.state, 'kotak.jsonl', isKotakEvent),
  };
  const seenMs = [
    exchangeFile.history.at(-1)?.atMs ?? startMs,
    lastJainamEventMs(files.jainam.history),
    lastDhanEventMs(files.dhan.history),
    lastAngelEventMs(files.angel.history),
    lastKotakEventMs(files.kotak.history),
  ];
  const clock = options.clock ?? runningClock(Math.max(startMs, ...seenMs));

  const ledger = createLedger();
  let written = ledgerFile.history.length;
  /** The ledger's file follows the commands': after a crash in between, the next start writes what is missing. */
  const writeLedger = (): void => {
    for (const entry of ledger.entries(written)) {
      ledgerFile.append(entry);
      written += 1;
    }
  };
  const { instruments } = catalogue;
  const exchange = new Exchange({
    clock,
    instruments,
    liquidity,
    ledger,
    onCommand(recorded) {
      exchangeFile.append(recorded);
      writeLedger();
    },
  });
  exchange.replay(exchangeFile.history);
  writeLedger();

  const base = { exchange, instruments, seed };
  const make = {
    jainam: () => createJainam({ ...base, options: resolveJainamOptions(options.jainam ?? {}), file: files.jainam }),
    dhan: () => createDhan({ ...base, catalogue, options: dhanOptions, file: files.dhan }),
    angel: () => createAngel({ ...base, options: resolveAngelOptions(options.angel ?? {}), file: files.angel }),
    kotak: () => createKotak({ ...base, options: resolveKotakOptions(options.kotak ?? {}), file: files.kotak }),
  };
  const frontEnds: FrontEnd[] = [];
  const door = exchangeDoor(exchange, instruments);
  const plan = createFaultPlan(seed);
  const hanging = createHangingRequests();
  const received: ReceivedRequest[] = [];
  const servers: RunningServer[] = [];

  const controls = {
    now: () => clock.now(),
    ledger: () => ledger.entries(),
    received: (operation?: string) =>
      received.filter((request) => operation === undefined || request.operation === operation),
    inject: (fault: Fault) =>
      plan.inject(fault, new Map(frontEnds.map((frontEnd) => [frontEnd.broker, frontEnd.snapshotBooks()]))),
    clearFaults: () => plan.clear(),
    releaseHung: () => hanging.release(),
    setLastPrice: (instrument: string, price: number) => door.setLastPrice(instrument, price),
  };

  const serve = async <Reach>(broker: SimulatedBroker<Reach>): Promise<Reach> => {
    frontEnds.push(broker.frontEnd);
    const server = await startServer({
      port: port === 0 ? 0 : port + servers.length,
      clock,
      frontEnd: broker.frontEnd,
      faults: plan,
      hanging,
      control: createControl(controls),
      onReceived: (request) => received.push(request),
    });
    servers.push(server);
    return broker.reach(server.origin);
  };
  const close = async (): Promise<void> => {
    hanging.close();
    await Promise.all(servers.map((server) => server.close()));
  };

  const served: { -readonly [Name in BrokerName]?: Reaches[Name] } = {};
  try {
    if (names.includes('jainam')) served.jainam = await serve(make.jainam());
    if (names.includes('dhan')) served.dhan = await serve(make.dhan());
    if (names.includes('angel')) served.angel = await serve(make.angel());
    if (names.includes('kotak')) served.kotak = await serve(make.kotak());
  } catch (error) {
    await close();
    throw error;
  }
  faults.forEach(controls.inject);

  return {
    brokers: names,
    get jainam() {
      return reached('jainam', served.jainam);
    },
    get dhan() {
      return reached('dhan', served.dhan);
    },
    get angel() {
      return reached('angel', served.angel);
    },
    get kotak() {
      return reached('kotak', served.kotak);
    },
    control: { baseUrl: `${servers[0]?.origin ?? ''}/__simulator` },
    clock,
    exchange: door,
    ledger: controls.ledger,
    received: controls.received,
    inject: controls.inject,
    clearFaults: controls.clearFaults,
    releaseHung: controls.releaseHung,
    close,
  };
}

function reached<Reach>(name: BrokerName, reach: Reach | undefined): Reach {
  if (reach !== undefined) return reach;
  throw new Error(`${name} is not served: start the simulator with { brokers: ['${name}'] }`);
}

function isLedgerEntry(value: unknown): value is LedgerEntry {
  return typeof value === 'object' && value !== null && 'sequence' in value && 'brokerOrderId' in value;
}
