import type { BrokerSession, CommandReply } from '@algo/core/adapter';
import { Secret } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { buy, FAKE, startAttack, within } from './support.js';

const sessionOf = (clientId: string, token: string): BrokerSession => ({
  clientId,
  secrets: { token: new Secret(token) },
  facts: {},
  issuedAtMs: 0,
  expiresAtMs: null,
  renewable: false,
});

describe('credentials that change under way', () => {
  test('while a log-in runs are the ones the next order is signed with', async () => {
    const releases: (() => void)[] = [];
    const signed: string[] = [];
    let slow = false;
    const { me, connection, clock } = await startAttack({
      script: ({ exchange }) => ({
        async logIn({ fields, secrets }) {
          if (slow) await new Promise<void>((resolve) => releases.push(resolve));
          return sessionOf(fields['clientId'] ?? '', secrets['token']?.reveal() ?? '');
        },
        async placeOrder(command, call) {
          signed.push(call.session.secrets['token']?.reveal() ?? '');
          return { kind: 'acknowledged', brokerOrderId: exchange.accept(command) };
        },
      }),
    });
    slow = true;
    await me.credentials.put('fake', 'main', { clientId: 'A', token: 'old-token-000' });
    const read = connection.orders().catch(() => null); // starts a log-in with what is stored now
    await clock.advance(1);
    await me.credentials.put('fake', 'main', { clientId: 'A', token: 'new-token-000' });
    slow = false;
    for (const release of releases) release();
    await within(clock, read, 12_000);
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 6_000);
    expect(signed).toEqual(['new-token-000']);
  });

  test('to those of another account stop the lane: nothing is placed there', async () => {
    let real = 'A';
    const { me, clock, exchange } = await startAttack({
      script: () => ({ profile: async () => ({ clientId: real }) as never }),
    });
    real = 'B'; // the new token belongs to somebody else
    await me.credentials.put('fake', 'main', { clientId: 'A', token: 'token-of-somebody-else' });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 6_000);
    expect(exchange.orders).toHaveLength(0);
  });

  test('to those of another account still stop the lane after the reconnect said so', async () => {
    let real = 'A';
    let failing = 0;
    let lose = true;
    const { me, clock, exchange } = await startAttack({
      script: () => ({
        profile: async () => ({ clientId: real }) as never,
        placeOrder: async (command): Promise<CommandReply> => {
          if (!lose) return { kind: 'acknowledged', brokerOrderId: exchange.accept(command) };
          lose = false;
          return { kind: 'rejected', reason: 'session', brokerCode: 'S', brokerText: '' };
        },
        logIn: async () => {
          failing -= 1;
          if (failing >= 0) throw new Error('log-in down');
          return sessionOf('A', 'token-x-123');
        },
      }),
    });
    real = 'B';
    failing = 1; // so that the connection shows an error, and is made again by hand
    await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 1_000);
    await clock.advance(10);
    const retried = await within(
      clock,
      me.retryConnection(FAKE).catch((error: unknown) => error),
      12_000,
    );
    expect(retried).toMatchObject({ code: 'ALGO_WRONG_ACCOUNT' });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 6_000);
    expect(exchange.orders).toHaveLength(0);
  });
});

test('a log-in that is refused is not tried again for every order', async () => {
  let tries = 0;
  let refuse = false;
  const { AlgoError } = await import('@algo/core/adapter');
  const { me, clock } = await startAttack({
    script: () => ({
      async logIn({ fields, secrets }) {
        tries += 1;
        if (refuse)
          throw new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: null, brokerText: 'wrong PIN' });
        return sessionOf(fields['clientId'] ?? '', secrets['token']?.reveal() ?? '');
      },
    }),
  });
  refuse = true;
  tries = 0;
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'wrong-pin-123' });
  for (let at = 0; at < 20; at += 1) await within(clock, me.orders.place(buy({ clientOrderId: `c${at}` })), 1_000);
  expect(tries).toBeLessThanOrEqual(3); // brokers lock an account after three to five
});

describe('two connections of one user', () => {
  test('with one client order id place it once, on the first', async () => {
    const { me, clock, exchange } = await startAttack();
    await me.credentials.put('fake', 'two', { clientId: 'A', token: 'another-token' });
    const other = { broker: 'fake', account: 'two' };
    await within(clock, me.establishConnection(other), 1_000);
    const both = await Promise.allSettled([
      me.orders.place(buy({ clientOrderId: 'c1', connection: FAKE })),
      me.orders.place(buy({ clientOrderId: 'c1', connection: other })),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(me.orders.place(buy({ clientOrderId: 'c1', connection: other }))).rejects.toMatchObject({
      code: 'ALGO_CLIENT_ORDER_ID_REUSED',
    });
    expect(exchange.orders).toHaveLength(1);
  });
});
