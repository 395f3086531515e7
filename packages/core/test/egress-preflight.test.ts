import { createFakeClock } from '@algo/testkit';
import { createAlgo, memoryStore } from '@algo/core';
import type { ManagerEvents } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { dhanAt, ME, memoryKeys } from './simulated.js';

interface Connected {
  readonly simulator: Simulator;
  readonly told: readonly ManagerEvents['egress-not-registered'][];
}

/** The simulated Dhan has 192.0.2.10 and 192.0.2.11 registered. */
async function connectFrom(publicAddress: string | null): Promise<Connected> {
  const clock = createFakeClock();
  const simulator = await startSimulator({ clock, dhan: { rateLimits: 'off' } });
  const algo = createAlgo({
    store: memoryStore(),
    keys: memoryKeys(),
    brokers: [dhanAt(simulator)],
    clock,
    egress: { of: () => (publicAddress === null ? undefined : { publicAddress }) },
  });
  onTestFinished(async () => {
    await algo.close();
    await simulator.close();
  });
  const me = algo.user('u1');
  const told: ManagerEvents['egress-not-registered'][] = [];
  me.on('egress-not-registered', (event) => told.push(event));
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  await clock.runUntil(me.establishConnection(ME), { stepMs: 50 });
  await clock.advance(1_000); // it is asked beside, so that nobody waits for it
  return { simulator, told };
}

test('an address that the broker does not have is told, with those it has', async () => {
  const { told, simulator } = await connectFrom('203.0.113.9');
  expect(told).toEqual([{ connection: ME, address: '203.0.113.9', registered: ['192.0.2.10', '192.0.2.11'] }]);
  expect(simulator.received('staticIp')).toHaveLength(1);
});

test.each(['192.0.2.11', '::ffff:192.0.2.10'])('%s is registered, and nobody is told', async (address) => {
  const { told, simulator } = await connectFrom(address);
  expect(simulator.received('staticIp')).toHaveLength(1);
  expect(told).toEqual([]);
});

test('the broker is not asked where the host does not say which address it sees', async () => {
  const { told, simulator } = await connectFrom(null);
  expect(simulator.received('staticIp')).toEqual([]);
  expect(told).toEqual([]);
});
