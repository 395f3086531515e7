import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import { Secret } from '../runtime/secret.js';
import type { DiagnosedConnection } from './diagnosis-facts.js';
import { FaultRing } from './diagnosis-faults.js';
import type { HostVisit, NetworkProbe } from './diagnosis-probe.js';
import { diagnose } from './diagnosis.js';
import type { DiagnosisOptions } from './diagnosis.js';
import { HealthMonitor } from './health-monitor.js';

const REF = { broker: 'dhan', account: 'main' };
const HOUR_MS = 3_600_000;

const goodVisit = (clock: FakeClock): HostVisit => ({
  protocol: 'TLSv1.3',
  certificateEndsAtMs: clock.now() + 60 * 24 * HOUR_MS,
  connectMs: 30,
  replyMs: 20,
  date: new Date(clock.now()).toUTCString(),
});

const failing = (code: string): Promise<never> =>
  Promise.reject(Object.assign(new Error('a host and a path'), { code }));

function live(clock: FakeClock, changes: Partial<DiagnosedConnection> = {}): DiagnosedConnection {
  const health = new HealthMonitor({ clock });
  return {
    state: { status: 'connected', sinceMs: clock.now() },
    instruments: {
      source: 'master',
      loadedAtMs: clock.now(),
      rows: 200_000,
      skipped: 0,
      duplicates: 0,
      hash: '00',
      ageMs: 1_000,
    },
    health: () => health.metrics(),
    session: async () => ({ endsAtMs: clock.now() + 8 * HOUR_MS, needsPerson: true }),
    breakers: () => [{ lane: 'orders', state: { kind: 'closed' } }],
    rates: () => [{ family: 'orders', segment: '', waitMs: 0, shared: false }],
    egress: null,
    faults: () => [],
    ...changes,
  };
}

function subject(
  changes: (clock: FakeClock) => Partial<DiagnosisOptions> = () => ({}),
  probe: (clock: FakeClock) => Partial<NetworkProbe> = () => ({}),
) {
  const clock = createFakeClock();
  const options: DiagnosisOptions = {
    ref: REF,
    hosts: ['api.broker.example'],
    clock,
    probe: { addresses: async () => ['192.0.2.7'], visit: async () => goodVisit(clock), ...probe(clock) },
    egress: {},
    credentials: async () => ({ kind: 'usable', source: 'store', method: 'token' }),
    connection: live(clock),
    ...changes(clock),
  };
  return { clock, diagnosed: () => clock.runUntil(diagnose(options)) };
}

test('finds nothing where all is well, and says so in plain lines', async () => {
  const { findings, text } = await subject().diagnosed();
  expect(findings).toEqual([]);
  expect(text).toContain('Nothing is wrong here.');
  expect(text).toContain('Host api.broker.example: 192.0.2.7; TLSv1.3, connected in 30 ms');
  expect(text).toContain('Session: ends 2026-11-20 18:00:00 IST; the next one takes a person');
  expect(text).toContain('Rate of orders: free');
  expect(text).toContain('Instruments: 200000, loaded');
});

test.each<[string, (clock: FakeClock) => Partial<DiagnosisOptions>, (clock: FakeClock) => Partial<NetworkProbe>]>([
  ['name-not-found', () => ({}), () => ({ addresses: () => failing('ENOTFOUND') })],
  ['host-unreachable', () => ({}), () => ({ visit: () => failing('ECONNREFUSED') })],
  ['certificate-refused', () => ({}), () => ({ visit: () => failing('DEPTH_ZERO_SELF_SIGNED_CERT') })],
  ['certificate-refused', () => ({}), () => ({ visit: () => failing('ERR_TLS_CERT_ALTNAME_INVALID') })],
  [
    'certificate-ends',
    () => ({}),
    (clock) => ({ visit: async () => ({ ...goodVisit(clock), certificateEndsAtMs: clock.now() + 48 * HOUR_MS }) }),
  ],
  [
    'clock-off',
    () => ({}),
    (clock) => ({ visit: async () => ({ ...goodVisit(clock), date: new Date(clock.now() + 90_000).toUTCString() }) }),
  ],
  ['no-credentials', () => ({ credentials: async () => ({ kind: 'none' }) }), () => ({})],
  [
    'credentials-incomplete',
    () => ({ credentials: async () => ({ kind: 'incomplete', missing: ['pin'] }) }),
    () => ({}),
  ],
  ['credentials-shut', () => ({ credentials: async () => ({ kind: 'shut', keyId: 'k1' }) }), () => ({})],
  ['credentials-unread', () => ({ credentials: () => failing('ALGO_STORE_FAILED') }), () => ({})],
  ['never-connected', () => ({ connection: null }), () => ({})],
  [
    'address-not-registered',
    (clock) => ({
      egress: { publicAddress: '203.0.113.9' },
      connection: live(clock, {
        egress: { registered: ['203.0.113.8'], seen: '203.0.113.9', address: '203.0.113.9', isRegistered: false },
      }),
    }),
    () => ({}),
  ],
  [
    'session-ends',
    (clock) => ({
      connection: live(clock, { session: async () => ({ endsAtMs: clock.now() + HOUR_MS / 4, needsPerson: true }) }),
    }),
    () => ({}),
  ],
  [
    'breaker-open',
    (clock) => ({
      connection: live(clock, {
        breakers: () => [{ lane: 'orders', state: { kind: 'open', untilMs: clock.now() + 9, openings: 1 } }],
      }),
    }),
    () => ({}),
  ],
  [
    'rate-used-up',
    (clock) => ({
      connection: live(clock, { rates: () => [{ family: 'orders', segment: 'NSE', waitMs: 400, shared: true }] }),
    }),
    () => ({}),
  ],
  ['no-instruments', (clock) => ({ connection: live(clock, { instruments: null }) }), () => ({})],
  [
    'maintenance',
    (clock) => ({
      connection: live(clock, {
        state: {
          status: 'maintenance',
          sinceMs: clock.now(),
          code: 'ALGO_BROKER_UNAVAILABLE',
          untilMs: clock.now() + HOUR_MS,
          retryAtMs: null,
        },
      }),
    }),
    () => ({}),
  ],
])('finds %s alone, and says what to do', async (code, changes, probe) => {
  const { findings, text } = await subject(changes, probe).diagnosed();
  expect(findings.map((finding) => finding.code)).toEqual([code]);
  expect(text).toContain(findings[0]?.what);
  expect(text).toContain(findings[0]?.next);
});

test.each([
  ['ALGO_LOGIN_NEEDED', 'log-in-needed'],
  ['ALGO_STATIC_IP_REFUSED', 'address-refused'],
  ['ALGO_SESSION_TAKEN_OVER', 'session-taken-over'],
  ['ALGO_BROKER_UNREACHABLE', 'broker-down'],
  ['ALGO_INSTRUMENTS_REFUSED', 'not-connected'],
] as const)('a connection that failed with %s is told as %s', async (code, expected) => {
  const { findings, text } = await subject((clock) => ({
    connection: live(clock, {
      state: { status: 'error', sinceMs: clock.now(), code, needsPerson: true, retryAtMs: null },
    }),
  })).diagnosed();
  expect(findings).toMatchObject([{ code: expected, severity: 'critical' }]);
  expect(text).toContain(code);
});

test('what keeps it from working comes first', async () => {
  const { findings } = await subject(
    (clock) => ({ connection: live(clock, { instruments: null }), credentials: async () => ({ kind: 'none' }) }),
    () => ({ visit: () => failing('ECONNREFUSED') }),
  ).diagnosed();
  expect(findings.map(({ code }) => code)).toEqual(['host-unreachable', 'no-credentials', 'no-instruments']);
});

test('answers after ten seconds at the latest, telling what did not answer, and leaves no timer', async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const { clock, diagnosed } = subject(
    (its) => ({ credentials: never, connection: live(its, { session: never }) }),
    () => ({ addresses: never }),
  );
  const { findings, tookMs, live: seen } = await diagnosed();
  expect(tookMs).toBeLessThanOrEqual(10_250);
  expect(findings.map(({ code }) => code)).toEqual(['name-not-found', 'credentials-unread']);
  expect(seen?.session).toBeNull();
  expect(clock.timers).toBe(0);
});

test('a visit that hangs is ended with the diagnosis', async () => {
  const signals: AbortSignal[] = [];
  const { diagnosed } = subject(undefined, () => ({
    visit: (_host, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  }));
  expect((await diagnosed()).findings).toMatchObject([{ code: 'host-unreachable' }]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test('behind a proxy nobody walks another way than the calls do, and its password is nowhere', async () => {
  let asked = 0;
  const { diagnosed } = subject(
    () => ({
      egress: { proxy: { url: 'http://proxy.example:3128', credentials: new Secret('user:canary-password') } },
    }),
    () => ({
      addresses: async () => {
        asked += 1;
        return [];
      },
    }),
  );
  const diagnosis = await diagnosed();
  expect(asked).toBe(0);
  expect(diagnosis.text).toContain('through http://proxy.example:3128');
  expect(JSON.stringify(diagnosis)).not.toContain('canary-password');
});

test('a broker with many hosts is looked at by the first eight', async () => {
  const hosts = Array.from({ length: 20 }, (_, at) => `h${at}.broker.example`);
  const diagnosis = await subject(() => ({ hosts })).diagnosed();
  expect(diagnosis.hosts.map(({ host }) => host)).toEqual(hosts.slice(0, 8));
});

test('the last twenty failures are kept, newest first', async () => {
  const ring = new FaultRing();
  expect(ring.list()).toEqual([]);
  for (let atMs = 1; atMs <= 30; atMs += 1) ring.note({ atMs, lane: 'reads', code: 'ALGO_DEADLINE' });
  expect(ring.list().map(({ atMs }) => atMs)).toEqual(Array.from({ length: 20 }, (_, at) => 30 - at));
  const { text } = await subject((clock) => ({ connection: live(clock, { faults: () => ring.list() }) })).diagnosed();
  expect(text).toContain('reads ALGO_DEADLINE');
});
