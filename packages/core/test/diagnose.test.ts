import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { AlgoError } from '@algo/core';
import type { DiagnoseOptions } from '@algo/core';
import { resetBefore } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { systemProbe } from '../src/connection/diagnosis-probe.js';
import type { HostVisit, NetworkProbe } from '../src/connection/diagnosis-probe.js';
import { FAKE, session, startAttack, TOKEN } from './attack/support.js';
import { LOOPBACK_TLS } from './loopback-tls.js';
import { limitBuy, ME, startSimulated } from './simulated.js';

const visit: HostVisit = { protocol: 'TLSv1.3', certificateEndsAtMs: null, connectMs: 3, replyMs: 2, date: null };

/** Looks at no network at all. */
const still: Required<DiagnoseOptions> = {
  probe: { addresses: async () => ['192.0.2.1'], visit: async () => visit },
};

async function startTls(): Promise<number> {
  const server = createServer(LOOPBACK_TLS, (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return port;
}

const look = (probe: NetworkProbe, localAddress: string | null = null): Promise<HostVisit> =>
  probe.visit('127.0.0.1', { localAddress, signal: new AbortController().signal });

test('a connection that works: everything is told, and nothing is wrong', async () => {
  const { me, simulator, run } = await startSimulated();
  await run(me.orders.place(limitBuy()));
  const before = simulator.received().length;
  const diagnosis = await run(me.diagnose(ME, still));
  expect(diagnosis.findings).toEqual([]);
  expect(diagnosis.hosts.map(({ host }) => host)).toContain('api.dhan.co');
  expect(diagnosis.credentials).toEqual({ kind: 'usable', source: 'store', method: 'token' });
  expect(diagnosis.live).toMatchObject({
    state: { status: 'connected' },
    session: { needsPerson: false }, // Dhan renews it
    faults: [],
    health: { failures: 0 },
  });
  expect(diagnosis.live?.breakers.map(({ lane, state }) => [lane, state.kind])).toEqual([
    ['orders', 'closed'],
    ['reads', 'closed'],
    ['data', 'closed'],
    ['auth', 'closed'],
  ]);
  expect(diagnosis.live?.rates.map(({ family }) => family)).toContain('orders');
  expect(diagnosis.live?.instruments?.rows).toBeGreaterThan(0);
  expect(diagnosis.text).toContain('dhan/main at 2026-11-20');
  expect(diagnosis.text).toContain('Nothing is wrong here.');
  expect(simulator.received()).toHaveLength(before); // the broker was asked nothing
});

test('a broker that resets connections: the breaker and the last faults tell, newest first', async () => {
  const { connection, me, simulator, run } = await startSimulated();
  simulator.inject(resetBefore('*', { times: 'always' }));
  for (let times = 0; times < 4; times += 1) await run(connection.funds().catch(() => null));
  const { live, findings, text } = await run(me.diagnose(ME, still));
  expect(live?.faults.length).toBeGreaterThanOrEqual(5);
  expect(live?.faults[0]).toMatchObject({ lane: 'reads', code: 'ALGO_BROKER_UNREACHABLE' });
  expect(findings.map(({ code }) => code)).toContain('breaker-open');
  expect(text).toContain('Last faults:');
});

test('an account that nobody connected is diagnosed without connecting it', async () => {
  const { me, run } = await startAttack();
  const other = { broker: 'fake', account: 'other' };
  const { findings, live } = await run(me.diagnose(other, still));
  expect(live).toBeNull();
  expect(findings.map(({ code }) => code)).toEqual(['no-credentials', 'never-connected']);
  expect(me.getConnectionStatus().map(({ account }) => account)).toEqual(['main']);
  await run(me.stop());
  expect((await run(me.diagnose(FAKE, still))).findings.map(({ code }) => code)).toEqual(['never-connected']);
});

test('what a person has to mend is said in a sentence', async () => {
  const refused = new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: 'E1', brokerText: 'no' });
  const { me, run } = await startAttack({
    script: () => ({
      logIn: async ({ fields }) => {
        if (fields['clientId'] === 'B') throw refused;
        return session('A', TOKEN);
      },
    }),
  });
  const wrong = { broker: 'fake', account: 'wrong' };
  await me.credentials.put('fake', 'wrong', { clientId: 'B', token: TOKEN });
  await expect(run(me.establishConnection(wrong))).rejects.toMatchObject({ code: 'ALGO_LOGIN_REFUSED' });
  const { findings, text } = await run(me.diagnose(wrong, still));
  expect(findings[0]).toMatchObject({ code: 'log-in-refused', severity: 'critical' });
  expect(text).toContain('Check the credentials at the broker, store them again, then call retryConnection.');
});

test('nothing secret is in it, however it is printed', async () => {
  const { me, connection, run } = await startAttack({
    script: () => ({ funds: () => Promise.reject(new Error(`the token ${TOKEN} was not taken`)) }),
  });
  await run(connection.funds().catch(() => null));
  const probe: NetworkProbe = {
    addresses: async () => ['192.0.2.1'],
    visit: () => Promise.reject(new Error(`could not send ${TOKEN}`)),
  };
  const diagnosis = await run(me.diagnose(FAKE, { probe }));
  expect(diagnosis.live?.faults).toMatchObject([{ code: 'ALGO_ADAPTER_FAULT' }]);
  for (const printed of [JSON.stringify(diagnosis), inspect(diagnosis, { depth: null }), diagnosis.text]) {
    expect(printed).not.toContain(TOKEN);
  }
});

test('unknown brokers and names that are none are input, and refused', async () => {
  const { me, run } = await startAttack();
  await expect(me.diagnose({ broker: 'nobody', account: 'main' }, still)).rejects.toMatchObject({
    code: 'ALGO_UNKNOWN_BROKER',
  });
  await expect(me.diagnose({ broker: 'fake', account: '' }, still)).rejects.toMatchObject({
    code: 'ALGO_INVALID_INPUT',
  });
  expect((await run(me.diagnose(FAKE, still))).connection).toEqual(FAKE);
});

test('the probe tells protocol, certificate, times and the clock of a host it can trust', async () => {
  const port = await startTls();
  const probe = systemProbe({ port, ca: LOOPBACK_TLS.cert, monotonic: () => performance.now() });
  expect(await probe.addresses('localhost')).toContain('127.0.0.1');
  const seen = await look(probe);
  expect(seen.protocol).toMatch(/^TLSv1\.[23]$/);
  expect(new Date(seen.certificateEndsAtMs ?? 0).getUTCFullYear()).toBe(2126);
  expect(seen.connectMs).toBeGreaterThan(0);
  expect(seen.replyMs).toBeGreaterThan(0);
  expect(Math.abs(Date.parse(seen.date ?? '') - Date.now())).toBeLessThan(60_000);
});

test('the probe leaves from the address the calls leave from', async () => {
  const from: (string | undefined)[] = [];
  const server = createServer(LOOPBACK_TLS, (request, response) => {
    from.push(request.socket.remoteAddress);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  await look(systemProbe({ port, ca: LOOPBACK_TLS.cert, monotonic: () => performance.now() }), '127.0.0.9');
  expect(from).toEqual(['127.0.0.9']);
});

test('the probe trusts no certificate that the system does not, and ends when it is told to', async () => {
  const port = await startTls();
  const monotonic = (): number => performance.now();
  await expect(look(systemProbe({ port, monotonic }))).rejects.toMatchObject({ code: /SELF_SIGNED|UNABLE_TO_VERIFY/ });
  const silent = systemProbe({ port, ca: LOOPBACK_TLS.cert, monotonic });
  const abort = new AbortController();
  const visiting = silent.visit('127.0.0.1', { localAddress: null, signal: abort.signal });
  abort.abort();
  await expect(visiting).rejects.toMatchObject({ name: 'AbortError' });
});
