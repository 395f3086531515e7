import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { SimulatorOptions } from '../src/index.js';
import { startSimulator } from '../src/index.js';
import { clientOf, loginUrl, rowOf, rowsOf, send } from './support.js';

function stateful(): SimulatorOptions {
  const state = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  return { state, dhan: { rateLimits: 'off' } };
}

test('shows a client after a restart all that it could see before', async () => {
  const options = stateful();
  const holdings = [{ instrument: 'TCS', quantity: 5, averagePrice: 3000 }];
  const views = async (simulator: Awaited<ReturnType<typeof startSimulator>>) => {
    const second = simulator.dhan.addAccount({ clientId: '1000000002', cash: 5_000_000, holdings });
    const clients = [clientOf(simulator), clientOf(simulator, second)];
    const paths = ['/orders', '/trades', '/positions', '/holdings', '/fundlimit', '/profile'];
    return Promise.all(clients.flatMap((client) => paths.map((path) => client.get(path))));
  };
  const first = await startSimulator(options);
  const buyer = clientOf(first, first.dhan.addAccount({ clientId: '1000000002', cash: 5_000_000, holdings }));
  first.exchange.setLiquidity('RELIANCE', 4);
  await buyer.placed({ dhanClientId: '1000000002', price: 1400, correlationId: 'part' });
  const gone = await buyer.placed({ dhanClientId: '1000000002' });
  await buyer.delete(`/orders/${gone}`);
  await clientOf(first).placed({ transactionType: 'SELL', orderType: 'STOP_LOSS', price: 1375, triggerPrice: 1380 });
  await clientOf(first).place({ quantity: 1_000_000 });
  first.exchange.fund('1000000001', 500);
  const before = await views(first);
  const ledger = first.ledger();
  await first.close();

  const restarted = await startSimulator(options);
  onTestFinished(() => restarted.close());
  expect(await views(restarted)).toEqual(before);
  expect(restarted.ledger()).toEqual(ledger);
  expect(ledger).toHaveLength(3);

  restarted.exchange.setLastPrice('RELIANCE', 1375);
  const [stop] = await clientOf(restarted).book();
  // The market's four units go to the resting buyer first; the stop gets the two that the buyer still wants.
  expect(stop).toMatchObject({ orderStatus: 'PART_TRADED', filledQty: 2 });
});

test('never goes back in time, so that two minutes between logins stay two minutes', async () => {
  const options = stateful();
  const first = await startSimulator(options);
  const reply = await send({ method: 'POST', url: loginUrl(first) });
  const accessToken = String(rowOf(JSON.parse(reply.text))['accessToken']);
  const leftAtMs = first.clock.now();
  await first.close();

  const second = await startSimulator(options);
  onTestFinished(() => second.close());
  expect(second.clock.now()).toBeGreaterThanOrEqual(leftAtMs - 1_000);
  expect(second.dhan.credentials.accessToken).toBe(accessToken);
  const again = await send({ method: 'POST', url: loginUrl(second) });
  expect(rowOf(JSON.parse(again.text))).toMatchObject({ status: 'error' });
});

test('keeps a hidden order hidden over a restart', async () => {
  const options = stateful();
  const first = await startSimulator({
    ...options,
    faults: [{ operation: 'placeOrder', kind: 'lateVisibility', hiddenForMs: 3_600_000 }],
  });
  await clientOf(first).placed({ correlationId: 'late' });
  await first.close();
  const second = await startSimulator(options);
  onTestFinished(() => second.close());
  expect(second.ledger()).toHaveLength(1);
  expect(rowsOf((await clientOf(second).get('/orders/external/late')).json)).toEqual([]);
});
