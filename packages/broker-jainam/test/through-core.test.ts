import { createAlgo, memoryStore } from '@algo/core';
import type { ConnectionManager } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import type { JainamCredentials, Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { jainam } from '../src/index.js';
import type { JainamConfig } from '../src/index.js';

interface Run {
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  readonly me: ConnectionManager;
}

/** Core, with its own HTTP client and its own rules of what may be sent, over a pretend XTS. */
async function start(config: JainamConfig = {}): Promise<Run> {
  const clock = createFakeClock();
  const simulator = await startSimulator({ brokers: ['jainam'], clock, jainam: { rateLimits: 'off' } });
  const { baseUrl } = simulator.jainam;
  const key = { id: 'test-key', bytes: new Uint8Array(32).fill(7) };
  const keys = { current: async () => key, byId: async () => key };
  const algo = createAlgo({ store: memoryStore(), keys, brokers: [jainam({ baseUrl, ...config })], clock });
  onTestFinished(async () => {
    await algo.close();
    await simulator.close();
  });
  return { simulator, clock, me: algo.user('u1') };
}

const ACCOUNT = { broker: 'jainam', account: 'main' } as const;

const tradingKeys = ({ clientId, interactiveApiKey, interactiveApiSecret }: JainamCredentials) => ({
  clientId,
  interactiveApiKey,
  interactiveApiSecret,
});

test('both log-ins, the master, an order and its cancel pass through core', async () => {
  const { simulator, clock, me } = await start();
  const { marketApiKey, marketApiSecret } = simulator.jainam.credentials;
  const credentials = { ...tradingKeys(simulator.jainam.credentials), marketApiKey, marketApiSecret };
  await me.credentials.put('jainam', 'main', credentials);
  const connection = await clock.runUntil(me.establishConnection(ACCOUNT));
  expect(connection.state.status).toBe('connected');

  const order = { clientOrderId: 'c1', instrument: 'NSE:RELIANCE', side: 'BUY', quantity: 1, product: 'CNC' } as const;
  const price = Math.round(simulator.exchange.lastPrice('NSE_EQ:2885')) - 10;
  const outcome = await clock.runUntil(me.orders.place({ ...order, type: 'LIMIT', price }));
  expect(outcome.kind).toBe('accepted');
  const [listed] = await clock.runUntil(connection.orders());
  expect(listed).toMatchObject({ instrument: 'NSE:RELIANCE', status: 'OPEN' });
  expect(listed?.tag).toMatch(/^[A-Z2-7]{15}$/);

  expect((await clock.runUntil(me.orders.modify({ clientOrderId: 'c1', quantity: 2 }))).kind).toBe('accepted');
  expect((await clock.runUntil(me.orders.cancel({ clientOrderId: 'c1' }))).kind).toBe('accepted');
  const [cancelled] = await clock.runUntil(connection.orders());
  expect(cancelled).toMatchObject({ quantity: 2, status: 'CANCELLED' });
  expect(simulator.ledger()).toHaveLength(1);
});

test('the keys of another account are not traded with', async () => {
  const { simulator, clock, me } = await start();
  await me.credentials.put('jainam', 'main', { ...tradingKeys(simulator.jainam.credentials), clientId: 'OTHER' });
  await expect(clock.runUntil(me.establishConnection(ACCOUNT))).rejects.toMatchObject({ code: 'ALGO_WRONG_ACCOUNT' });
});

test('trading keys alone are told what they lack', async () => {
  const { simulator, clock, me } = await start();
  await me.credentials.put('jainam', 'main', tradingKeys(simulator.jainam.credentials));
  await expect(clock.runUntil(me.establishConnection(ACCOUNT))).rejects.toThrow(/marketApiKey and marketApiSecret/);
});
