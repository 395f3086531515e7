import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerConnection, BrokerDefinition, Contract } from '@algo/core';
import { angel } from '@algo/broker-angel';
import { dhan } from '@algo/broker-dhan';
import { jainam } from '@algo/broker-jainam';
import { kotak } from '@algo/broker-kotak';
import { startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../src/index.js';

/**
 * The same contract at every broker, each out of its own master. Rows of RELIANCE and of the index are the published ones
 * at all four; rows of contracts that are alive on the simulator's day are synthetic, in each broker's own layout.
 */
const BROKERS = ['jainam', 'dhan', 'angel', 'kotak'] as const;
type Broker = (typeof BROKERS)[number];

let simulator: Simulator;
let close: () => Promise<void>;
const connections = new Map<Broker, BrokerConnection>();

beforeAll(async () => {
  const clock = createFakeClock();
  simulator = await startSimulator({ clock, brokers: BROKERS });
  const fields = {
    jainam: without(simulator.jainam.credentials, 'clientCodes'),
    dhan: simulator.dhan.credentials,
    angel: simulator.angel.credentials,
    kotak: simulator.kotak.credentials,
  };
  const key = { id: 'test', bytes: new Uint8Array(32).fill(7) };
  const algo = createAlgo({
    store: memoryStore(),
    keys: { current: async () => key, byId: async () => key },
    brokers: definitions(),
    clock,
  });
  close = async () => {
    await algo.close();
    await simulator.close();
  };
  const me = algo.user('u1');
  for (const broker of BROKERS) {
    await me.credentials.put(broker, 'main', { ...fields[broker] });
    connections.set(broker, await clock.runUntil(me.establishConnection({ broker, account: 'main' }), { stepMs: 50 }));
  }
});

afterAll(() => close());

function definitions(): readonly BrokerDefinition[] {
  const { baseUrl, authUrl, detailedInstrumentsUrl } = simulator.dhan;
  return [
    jainam({ baseUrl: simulator.jainam.baseUrl, marketDataPath: '/apimarketdata' }),
    dhan({ baseUrl, authUrl, instrumentsUrl: detailedInstrumentsUrl }),
    angel({ baseUrl: simulator.angel.baseUrl, instrumentsUrl: simulator.angel.instrumentsUrl }),
    kotak({ loginUrl: simulator.kotak.loginUrl }),
  ];
}

function without<Value extends object>(value: Value, name: keyof Value): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

const CONTRACTS: readonly (readonly [string, readonly Broker[], Contract, number])[] = [
  ['NSE:RELIANCE', BROKERS, { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null }, 1],
  ['NSE:INDEX:NIFTY', BROKERS, { kind: 'index', exchange: 'NSE', symbol: 'NIFTY' }, 1],
  [
    'NFO:NIFTY:2026-12-01:26000:CE',
    BROKERS,
    { kind: 'option', exchange: 'NFO', underlying: 'NIFTY', expiry: '2026-12-01', strike: '26000', right: 'CE' },
    65,
  ],
  [
    'NFO:NIFTY:2026-12-29:FUT',
    BROKERS,
    { kind: 'future', exchange: 'NFO', underlying: 'NIFTY', expiry: '2026-12-29' },
    65,
  ],
  [
    'MCX:CRUDEOIL:2026-12-18:FUT',
    ['dhan', 'angel', 'kotak'],
    { kind: 'future', exchange: 'MCX', underlying: 'CRUDEOIL', expiry: '2026-12-18' },
    1,
  ],
];

describe.each(CONTRACTS)('%s', (instrument, brokers, contract, lotSize) => {
  test.each(brokers)('is one and the same at %s, by name and by token', (broker) => {
    const { instruments } = connections.get(broker) ?? {};
    const listing = instruments?.find(instrument);
    expect(listing).toMatchObject({ instrument, contract, lotSize });
    expect(instruments?.byToken(listing?.segment ?? '', listing?.token ?? '')).toEqual(listing);
  });
});

test('a share has one ISIN wherever the master prints it', () => {
  const isins = BROKERS.map((broker) => connections.get(broker)?.instruments.find('NSE:RELIANCE')?.isin ?? null);
  expect(new Set(isins.filter((isin) => isin !== null))).toEqual(new Set(['INE002A01018']));
});

test.each(BROKERS)('is found by text, underlying, expiry and strike at %s', async (broker) => {
  const { instruments } = connections.get(broker) ?? {};
  const named = await instruments?.search({ text: 'reliance', kind: 'equity', exchange: 'NSE' });
  expect(named?.map(({ instrument }) => instrument)).toContain('NSE:RELIANCE');
  const strike = { underlying: 'NIFTY', expiry: '2026-12-01', strike: '26000' };
  const chain = await instruments?.search(strike);
  expect(chain?.map(({ instrument }) => instrument).sort()).toEqual([
    'NFO:NIFTY:2026-12-01:26000:CE',
    'NFO:NIFTY:2026-12-01:26000:PE',
  ]);
  expect(instruments?.expiries('NIFTY')).toContain('2026-12-01');
  expect(instruments?.provenance).toMatchObject({
    skipped: expect.any(Number) as number,
    ageMs: expect.any(Number) as number,
  });
});

test('a unit that is not certain keeps orders of that segment from going out', () => {
  for (const broker of ['dhan', 'angel', 'kotak'] as const) {
    const listing = connections.get(broker)?.instruments.find('MCX:CRUDEOIL:2026-12-18:FUT');
    expect(listing?.quantityUnit).toEqual({ kind: 'unknown' });
  }
});
