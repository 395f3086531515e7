import { dhan } from '@algo/broker-dhan';
import type { DhanConfig } from '@algo/broker-dhan';
import { createAlgo, memoryStore } from '@algo/core';
import type {
  Algo,
  AlgoOptions,
  BrokerConnection,
  BrokerDefinition,
  ConnectionManager,
  KeyProvider,
  LogFields,
  Logger,
} from '@algo/core';
import { startSimulator } from '@algo/simulator';
import type { Fault, Simulator, SimulatorOptions } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { onTestFinished } from 'vitest';

/** A manager, one user and the simulated broker, all on one fake clock. */
export interface Simulated {
  readonly algo: Algo;
  readonly me: ConnectionManager;
  readonly connection: BrokerConnection;
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  readonly log: readonly LogLine[];
  /** Lets fake time run until the promise settles. */
  readonly run: FakeClock['runUntil'];
}

export interface LogLine {
  readonly level: keyof Logger;
  readonly event: string;
  readonly fields: LogFields;
}

export interface SimulatedOptions {
  readonly faults?: readonly Fault[];
  readonly simulator?: SimulatorOptions;
  readonly dhan?: DhanConfig;
  readonly algo?: Partial<AlgoOptions>;
  readonly clock?: FakeClock;
  /** Faults that are in place before the connection is made. */
  readonly establish?: boolean;
}

export const ME = { broker: 'dhan', account: 'main' } as const;

export function memoryKeys(): KeyProvider {
  const key = { id: 'test-key', bytes: new Uint8Array(32).fill(7) };
  return { current: async () => key, byId: async (id) => (id === key.id ? key : null) };
}

export function recordingLogger(log: LogLine[]): Logger {
  const at =
    (level: keyof Logger) =>
    (event: string, fields: LogFields = {}): void => {
      log.push({ level, event, fields });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function dhanAt({ dhan: simulated }: Simulator, config: DhanConfig = {}): BrokerDefinition {
  const { baseUrl, authUrl, instrumentsUrl, detailedInstrumentsUrl } = simulated;
  const { instruments = 'compact' } = config;
  const master = instruments === 'compact' ? instrumentsUrl : detailedInstrumentsUrl;
  return dhan({ baseUrl, authUrl, instrumentsUrl: master, ...config, instruments });
}

export async function startSimulated(options: SimulatedOptions = {}): Promise<Simulated> {
  const clock = options.clock ?? createFakeClock();
  const log: LogLine[] = [];
  const simulator = await startSimulator({ clock, ...options.simulator });
  const algo = createAlgo({
    store: memoryStore(),
    keys: memoryKeys(),
    brokers: [dhanAt(simulator, options.dhan)],
    clock,
    logger: recordingLogger(log),
    egress: { acceptShared: true }, // every test leaves from loopback
    ...options.algo,
  });
  onTestFinished(async () => {
    simulator.releaseHung();
    await algo.close();
    await simulator.close();
  });
  const run: FakeClock['runUntil'] = (promise, how) => clock.runUntil(promise, how);
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  const connection = await run(me.establishConnection(ME), { stepMs: 20 });
  for (const fault of options.faults ?? []) simulator.inject(fault);
  return { algo, me, connection, simulator, clock, log, run };
}

/** A limit buy that rests in the book, far below the market, unless changed. */
export const limitBuy = (changes: Partial<Parameters<ConnectionManager['orders']['place']>[0]> = {}) => ({
  instrument: 'NSE:RELIANCE',
  side: 'BUY' as const,
  quantity: 1,
  type: 'LIMIT' as const,
  price: 1_390,
  product: 'CNC' as const,
  ...changes,
});
