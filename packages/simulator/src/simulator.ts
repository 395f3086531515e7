import type { SimulatorClock } from './clock.js';
import { DEFAULT_START_MS, runningClock } from './clock.js';
import type { DhanCredentials } from './dhan/dhan.js';
import { createDhan, isDhanEvent, lastTokenMs } from './dhan/dhan.js';
import { dhanCatalogue } from './dhan/masters/catalogue.js';
import type { DhanAccountOptions, DhanOptions } from './dhan/options.js';
import { resolveDhanOptions } from './dhan/options.js';
import type { SimulatorExchange } from './exchange-door.js';
import { exchangeDoor } from './exchange-door.js';
import { isRecordedCommand } from './exchange/exchange-command.js';
import { Exchange } from './exchange/exchange.js';
import type { LedgerEntry } from './exchange/ledger.js';
import { createLedger } from './exchange/ledger.js';
import { createControl } from './server/control.js';
import { createFaultPlan } from './server/fault-plan.js';
import type { Fault } from './server/faults.js';
import { createHangingRequests } from './server/hanging.js';
import type { ReceivedRequest } from './server/received.js';
import { startServer } from './server/server.js';
import { openStateFile } from './state.js';

export interface SimulatorOptions {
  /** Front ends to serve. @default ['dhan'] */
  readonly brokers?: readonly 'dhan'[];
  /** Port on 127.0.0.1; 0 takes a free one. @default 0 */
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
  readonly dhan?: DhanOptions;
}

export interface Simulator {
  readonly dhan: {
    /** `http://127.0.0.1:PORT/v2`. */
    readonly baseUrl: string;
    /** Origin of the token service. */
    readonly authUrl: string;
    /** Compact instrument master. */
    readonly instrumentsUrl: string;
    /** Detailed instrument master. */
    readonly detailedInstrumentsUrl: string;
    readonly credentials: DhanCredentials;
  };
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
  /** Opens one more Dhan account, or finds it again after a restart. */
  addAccount(account: DhanAccountOptions): DhanCredentials;
  /** Ends every connection; no timer, socket or listener stays behind. Hanging requests are dropped, not acted on. */
  close(): Promise<void>;
}

/** Opens the exchange and serves its brokers. Rejects when the port is taken or the state directory is unusable. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, port = 0, faults = [], liquidity = Number.POSITIVE_INFINITY, startMs = DEFAULT_START_MS } = options;
  if (options.brokers?.length === 0) throw new Error('There is no broker to serve');
  const dhanOptions = resolveDhanOptions(options.dhan ?? {});
  const catalogue = dhanCatalogue(dhanOptions);
  const exchangeFile = openStateFile(options.state, 'exchange.jsonl', isRecordedCommand);
  const ledgerFile = openStateFile(options.state, 'ledger.jsonl', isLedgerEntry);
  const dhanFile = openStateFile(options.state, 'dhan.jsonl', isDhanEvent);
  const lastCommandMs = exchangeFile.history.at(-1)?.atMs ?? startMs;
  const clock = options.clock ?? runningClock(Math.max(startMs, lastCommandMs, lastTokenMs(dhanFile.history)));

  const ledger = createLedger();
  let written = ledgerFile.history.length;
  /** The ledger's file follows the commands': after a crash in between, the next start writes what is missing. */
  const writeLedger = (): void => {
    for (const entry of ledger.entries(written)) {
      ledgerFile.append(entry);
      written += 1;
    }
  };
  const exchange = new Exchange({
    clock,
    instruments: catalogue.instruments,
    liquidity,
    ledger,
    onCommand(recorded) {
      exchangeFile.append(recorded);
      writeLedger();
    },
  });
  exchange.replay(exchangeFile.history);
  writeLedger();

  const dhan = createDhan({ exchange, catalogue, options: dhanOptions, seed, file: dhanFile });
  const credentials = dhan.addAccount(dhanOptions.account);
  const door = exchangeDoor(exchange, catalogue.instruments);
  const plan = createFaultPlan(seed);
  const hanging = createHangingRequests();
  const received: ReceivedRequest[] = [];

  const controls = {
    now: () => clock.now(),
    ledger: () => ledger.entries(),
    received: (operation?: string) =>
      received.filter((request) => operation === undefined || request.operation === operation),
    inject: (fault: Fault) => plan.inject(fault, new Map([['dhan', dhan.frontEnd.snapshotBooks()]])),
    clearFaults: () => plan.clear(),
    releaseHung: () => hanging.release(),
    setLastPrice: (instrument: string, price: number) => door.setLastPrice(instrument, price),
  };
  faults.forEach(controls.inject);

  const server = await startServer({
    port,
    clock,
    frontEnd: dhan.frontEnd,
    faults: plan,
    hanging,
    control: createControl(controls),
    onReceived: (request) => received.push(request),
  });
  const { origin } = server;

  return {
    dhan: {
      baseUrl: `${origin}/v2`,
      authUrl: origin,
      instrumentsUrl: `${origin}/api-data/api-scrip-master.csv`,
      detailedInstrumentsUrl: `${origin}/api-data/api-scrip-master-detailed.csv`,
      credentials,
    },
    control: { baseUrl: `${origin}/__simulator` },
    clock,
    exchange: door,
    ledger: controls.ledger,
    received: controls.received,
    inject: controls.inject,
    clearFaults: controls.clearFaults,
    releaseHung: controls.releaseHung,
    addAccount: (account) => dhan.addAccount(account),
    async close() {
      hanging.close();
      await server.close();
    },
  };
}

function isLedgerEntry(value: unknown): value is LedgerEntry {
  return typeof value === 'object' && value !== null && 'sequence' in value && 'brokerOrderId' in value;
}
