import { createFakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { BrokerSession } from '../contract/session.js';
import { Deadline } from '../resilience/deadline.js';
import { createRedactor } from '../runtime/redactor.js';
import { Secret } from '../runtime/secret.js';
import { createTicker } from '../runtime/ticker.js';
import { Call } from './call.js';

const session: BrokerSession = {
  clientId: 'c',
  secrets: {},
  facts: {},
  issuedAtMs: 0,
  expiresAtMs: null,
  renewable: false,
};

function start(signedBy: BrokerSession | null = session) {
  const clock = createFakeClock();
  const deadline = new Deadline(1_000, () => clock.monotonic(), createTicker(clock));
  const who = { broker: 'dhan', account: 'main' };
  const redactor = createRedactor();
  return {
    clock,
    redactor,
    call: new Call({
      deadline,
      startedAtMs: 5,
      beganMs: 0,
      breakerEpoch: 0,
      session: signedBy,
      urgency: 'entry',
      who,
      redactor,
    }),
  };
}

test('tells its session, its start and what is left', async () => {
  const { clock, call } = start();
  expect([call.session, call.startedAtMs, call.remainingMs()]).toEqual([session, 5, 1_000]);
  await clock.advance(400);
  expect(call.remainingMs()).toBe(600);
});

test('during a log-in there is no session to sign with', () => {
  const { call } = start(null);
  expect(() => call.session).toThrow(expect.objectContaining({ code: 'ALGO_LOGIN_NEEDED' }));
});

test('its signal aborts at the deadline, also when asked for after', async () => {
  const { clock, call } = start();
  const { signal } = call;
  expect(call.signal).toBe(signal);
  expect(signal.aborted).toBe(false);
  await clock.advance(1_004);
  expect(signal.aborted).toBe(true);

  const late = start();
  late.call.deadline.expire();
  expect(late.call.signal.aborted).toBe(true);
});

test('its place is for one request, and given back once when it was not used', () => {
  const { call } = start();
  let released = 0;
  const permit = { release: () => void (released += 1) };
  call.hold(permit);
  expect(call.takePermit()).toBe(permit);
  expect(call.takePermit()).toBeNull();
  call.end();
  expect(released).toBe(0);

  const unused = start().call;
  unused.hold(permit);
  unused.end();
  unused.end();
  expect(released).toBe(1);
  expect(unused.record.sealed).toBe(true);
});

test('a secret made for it is kept out of every text until it is over, and no longer', () => {
  const { call, redactor } = start();
  call.guard(new Secret('canary-1'));
  call.guard(new Secret('canary-1'));
  expect(redactor.scrub('canary-1')).toBe('[secret]');
  call.end();
  expect(redactor.scrub('canary-1')).toBe('canary-1');
});
