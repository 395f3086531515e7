import type { ManagerEvents } from '@algo/core';
import { rateLimited, resetBefore, serverErrorBefore } from '@algo/simulator';
import { expect, test } from 'vitest';
import { startSimulated } from './simulated.js';
import type { Simulated } from './simulated.js';

interface Told {
  readonly what: string;
  readonly atMs: number;
}

/** What the host hears of grades and alerts, in order. */
function listen({ me, clock }: Simulated): Told[] {
  const told: Told[] = [];
  const tell = (what: string): void => void told.push({ what, atMs: clock.monotonic() });
  me.on('health-changed', ({ previous, quality, health }: ManagerEvents['health-changed']) => {
    if (previous !== quality) tell(`${previous ?? 'none'} to ${quality ?? 'none'}`);
    expect(health.connectionQuality).toBe(quality);
  });
  me.on('alert-raised', ({ alert }) => tell(`raised ${alert.kind} ${alert.severity}`));
  me.on('alert-resolved', ({ alert }) => tell(`resolved ${alert.kind} ${alert.severity}`));
  return told;
}

const names = (told: readonly Told[]): readonly string[] => told.map(({ what }) => what);

/** So many reads that work, half a second apart. */
async function reads({ connection, clock, run }: Simulated, count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    await run(connection.funds(), { stepMs: 5 });
    await clock.advance(500);
  }
}

/** Lets time pass until something holds. */
async function until({ clock }: Simulated, holds: () => boolean, limitMs = 200_000): Promise<void> {
  const waiting = (async () => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  })();
  await clock.runUntil(waiting, { stepMs: 100, limitMs });
}

test('a broker that fails now and then costs the grade within half a second, and a minute of better gives it back', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, simulator, clock, run } = simulated;
  const told = listen(simulated);
  await reads(simulated, 30);
  expect(names(told)).toEqual(['none to EXCELLENT']);

  for (let round = 0; round < 8; round += 1) {
    simulator.inject(serverErrorBefore('funds', { times: 1 }));
    await run(connection.funds(), { stepMs: 5 }); // fails once, and once more it works
    const { connectionQuality } = connection.health();
    await clock.advance(500);
    expect(told.findLast(({ what }) => what.includes(' to '))?.what).toContain(`to ${connectionQuality ?? 'none'}`);
    await reads(simulated, 3);
    await clock.advance(3_000); // retries have a budget of three in ten seconds
  }
  expect(names(told)).toEqual([
    'none to EXCELLENT',
    'EXCELLENT to GOOD',
    'GOOD to POOR',
    'raised error-rate warning',
    'POOR to CRITICAL',
    'resolved error-rate warning',
    'raised error-rate critical',
  ]);
  expect(connection.health()).toMatchObject({
    connectionQuality: 'CRITICAL',
    colour: 'red',
    lastErrorCode: 'ALGO_BROKER_UNAVAILABLE',
  });
  expect(connection.state.status).toBe('connected'); // the state tells another thing than the grade

  told.length = 0;
  for (let made = 0; made < 84; made += 1) {
    await run(connection.funds(), { stepMs: 5 });
    await clock.advance(5_000);
  }
  expect(names(told).filter((what) => what.startsWith('resolved error-rate critical'))).toHaveLength(1);
  expect(names(told).filter((what) => what.startsWith('raised'))).toEqual(
    names(told).includes('resolved error-rate warning') ? ['raised error-rate warning'] : [],
  );
  expect(connection.health()).toMatchObject({ connectionQuality: 'EXCELLENT', colour: 'green', alerts: [] });
  expect(connection.healthHistory().length).toBeGreaterThan(5);
});

test('an outage is CRITICAL within half a second and one alert, and both end once after the broker is back', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, simulator, clock, run } = simulated;
  const told = listen(simulated);
  await reads(simulated, 30);
  let lostAtMs = NaN;
  simulated.me.on('connection-changed', ({ previous }) => {
    if (previous.status === 'connected') lostAtMs = clock.monotonic();
  });

  simulator.inject(resetBefore('*', { times: 'always' }));
  while (connection.state.status === 'connected')
    await run(
      connection.funds().catch(() => null),
      { stepMs: 5 },
    );
  await clock.advance(500);
  expect(connection.health()).toMatchObject({ connectionQuality: 'CRITICAL', stale: false });
  expect(told.find(({ what }) => what.endsWith('to CRITICAL'))!.atMs - lostAtMs).toBeLessThanOrEqual(500);
  for (let second = 0; second < 60; second += 1) await clock.advance(1_000);
  simulator.clearFaults();
  await until(simulated, () => connection.state.status === 'connected');
  expect(connection.health().uptime).toBeLessThan(1);

  for (let made = 0; made < 84; made += 1) {
    await run(connection.funds(), { stepMs: 5 });
    await clock.advance(5_000);
  }
  const disconnected = names(told).filter((what) => what.includes('disconnected'));
  expect(disconnected).toEqual(['raised disconnected critical', 'resolved disconnected critical']);
  expect(connection.health()).toMatchObject({ connectionQuality: 'EXCELLENT', alerts: [] });
});

test('an idle connection is asked for the profile after a minute, which counts for its health', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, simulator, clock } = simulated;
  const asked = (): number => simulator.received('profile').length;
  const before = asked();
  const { calls, lastSyncAtMs } = connection.health();
  await clock.advance(59_000);
  expect(asked()).toBe(before);
  await until(simulated, () => asked() > before && connection.health().calls > calls, 17_000);
  expect(connection.health().lastSyncAtMs).toBeGreaterThan(lastSyncAtMs!);
  await clock.advance(30_000);
  expect(asked()).toBe(before + 1);
});

test('a connection that was logged out is not probed', async () => {
  const { connection, simulator, clock, run } = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  await run(connection.logOut(), { stepMs: 20 });
  const before = simulator.received().length;
  for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000);
  expect(simulator.received()).toHaveLength(before);
});

test('a broker that does not answer a probe, nor the next, is noticed though nobody calls', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, simulator } = simulated;
  simulator.inject(serverErrorBefore('profile', { times: 'always' }));
  await until(simulated, () => connection.state.status !== 'connected', 80_000);
  expect(connection.health().lastErrorCode).toBe('ALGO_BROKER_UNAVAILABLE');
});

test('one probe that fails and one that works end nothing', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, simulator } = simulated;
  const before = simulator.received('profile').length;
  simulator.inject(serverErrorBefore('profile', { times: 1 }));
  await until(simulated, () => simulator.received('profile').length === before + 2, 80_000);
  await simulated.clock.advance(1_000);
  expect(connection.state.status).toBe('connected');
});

test('a refusal for too many calls is no failure of the broker', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, simulator, run } = simulated;
  await reads(simulated, 5);
  const { failures } = connection.health();
  simulator.inject(rateLimited('funds', { times: 1 }));
  await run(
    connection.funds().catch(() => null),
    { stepMs: 50 },
  );
  expect(connection.health()).toMatchObject({ failures, errorsLastHour: 0 });
});

test('instruments that are not found are counted, and many of them raise one alert', async () => {
  const simulated = await startSimulated({ algo: { health: { probeIdleMs: 60_000 } } });
  const { connection, clock } = simulated;
  const told = listen(simulated);
  for (let asked = 0; asked < 25; asked += 1) connection.instruments.find(`NSE:NOSUCH${asked}`);
  await clock.advance(500);
  expect(connection.health().instrumentLookupFailures).toBe(25);
  expect(names(told)).toEqual(['raised instruments warning']);
});
