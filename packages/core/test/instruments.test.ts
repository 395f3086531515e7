import type { Listing } from '@algo/core';
import { streamedMaster } from '@algo/core/adapter';
import type { AnyMaster, MasterLayout } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { FAKE, startAttack } from './attack/support.js';
import type { Attack } from './attack/support.js';
import { startSimulated } from './simulated.js';

const listing = (symbol: string): Listing => ({
  instrument: `NSE:${symbol}`,
  contract: { kind: 'equity', exchange: 'NSE', symbol, series: null },
  token: symbol,
  segment: 'NSE_EQ',
  symbol,
  name: symbol,
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
});

/** A broker whose list of symbols changes under us. */
async function startListing(
  ...symbols: readonly string[]
): Promise<Attack & { serve: readonly string[]; downloads: number }> {
  const broker = { serve: symbols, downloads: 0 };
  const attack = await startAttack({
    script: () => ({
      instruments: async (): Promise<AnyMaster> => {
        broker.downloads += 1;
        return { source: 'fake', listings: broker.serve.map(listing), skipped: () => 0 };
      },
    }),
  });
  return Object.assign(broker, attack);
}

const soon = (attack: Attack): Promise<void> => attack.clock.advance(10);

test('an instrument that is missing is refused at once, looked for behind the caller’s back, and found the next time', async () => {
  const broker = await startListing('A');
  broker.serve = ['A', 'NEW'];
  await expect(broker.connection.quotes(['NSE:NEW'])).rejects.toMatchObject({ code: 'ALGO_UNKNOWN_INSTRUMENT' });
  await soon(broker);
  expect(broker.connection.instruments.find('NSE:NEW')?.token).toBe('NEW');
  expect(broker.downloads).toBe(2);
});

test('however many miss, the broker is asked once a minute', async () => {
  const broker = await startListing('A');
  for (let turn = 0; turn < 20; turn += 1) {
    expect(broker.connection.instruments.find(`NSE:NO${turn}`)).toBeNull();
    await soon(broker);
  }
  expect(broker.downloads).toBe(2);
  await broker.clock.advance(60_000);
  broker.connection.instruments.find('NSE:NO');
  await soon(broker);
  expect(broker.downloads).toBe(3);
});

test('provenance tells where the instruments come from and how old they are', async () => {
  const broker = await startListing('A', 'B');
  await broker.clock.advance(5_000);
  const { provenance } = broker.connection.instruments;
  expect(provenance).toMatchObject({ source: 'fake', rows: 2, skipped: 0, duplicates: 0 });
  expect(provenance?.ageMs).toBeGreaterThanOrEqual(5_000);
  expect(await broker.run(broker.connection.instruments.refresh())).toMatchObject({ rows: 2 });
});

test('a master that shrank is refused when asked for, and the last good one serves on', async () => {
  const broker = await startListing('A', 'B', 'C', 'D', 'E');
  broker.serve = ['A', 'B', 'C'];
  const { instruments } = broker.connection;
  await expect(broker.run(instruments.refresh())).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
  expect(instruments.find('NSE:E')?.token).toBe('E');
  await broker.run(instruments.refresh({ acceptShrunk: true }));
  expect(instruments.provenance?.rows).toBe(3);
});

test('the day after, the first look-up before the open has the instruments loaded anew', async () => {
  const broker = await startListing('A');
  broker.serve = ['A', 'NEW'];
  await broker.clock.advance(23 * 3_600_000);
  expect(broker.connection.instruments.find('NSE:A')?.token).toBe('A');
  await soon(broker);
  expect(broker.downloads).toBe(2);
  expect(broker.connection.instruments.find('NSE:NEW')?.token).toBe('NEW');
});

test('search and expiries are there for a host', async () => {
  const { connection } = await startListing('ALPHA', 'BETA');
  expect((await connection.instruments.search({ text: 'alp' })).map(({ instrument }) => instrument)).toEqual([
    'NSE:ALPHA',
  ]);
  expect(connection.instruments.expiries('ALPHA')).toEqual([]);
  expect(connection.instruments.byToken('NSE_EQ', 'BETA')?.instrument).toBe('NSE:BETA');
});

test('a streamed master that breaks off leaves the account unconnected with a reason, and a retry has it whole', async () => {
  const layout: MasterLayout = {
    rows: { kind: 'json-objects' },
    open: () => ({
      read: (row) => ({ kind: 'listing', listing: listing(String(JSON.parse(row).s)), yields: false }),
    }),
  };
  let file = '[{"s":"A"},{"s":"B"';
  const attack = await startAttack({
    script: () => ({
      instruments: async () =>
        streamedMaster({ broker: 'fake', source: 'stream', files: [{ chunks: [Buffer.from(file)], layout }] }),
    }),
  }).catch((error: unknown) => error);
  expect(attack).toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
  file = '[{"s":"A"},{"s":"B"}]';
  const { connection } = await startAttack({
    script: () => ({
      instruments: async () =>
        streamedMaster({ broker: 'fake', source: 'stream', files: [{ chunks: [Buffer.from(file)], layout }] }),
    }),
  });
  expect(connection.instruments.provenance).toMatchObject({ source: 'stream', rows: 2 });
});

test('a manager that is closed leaves no timer', async () => {
  const { algo, clock, run } = await startListing('A');
  await run(algo.close());
  expect(clock.timers).toBe(0);
});

test('Dhan’s master comes over the wire as a stream, and the same contract has the same name in both of its forms', async () => {
  const detailed = await startSimulated({ dhan: { instruments: 'detailed' } });
  const compact = await startSimulated();
  const found = await compact.connection.instruments.search({ limit: 1_000 });
  expect(found.length).toBeGreaterThan(20);
  const both = found.filter(({ segment, token }) => detailed.connection.instruments.byToken(segment, token) !== null);
  expect(both.length).toBeGreaterThan(10);
  for (const { segment, token, instrument } of both) {
    expect(detailed.connection.instruments.byToken(segment, token)?.instrument).toBe(instrument);
    expect(detailed.connection.instruments.find(instrument)?.token).toBe(token);
  }
  expect(FAKE.broker).toBe('fake');
});
