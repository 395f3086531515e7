import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dhan } from '@algo/broker-dhan';
import { createAlgo, isAlgoError, memoryStore } from '@algo/core';
import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerSession, CommandReply } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { memoryKeys, recordingLogger } from '../simulated.js';
import type { LogLine } from '../simulated.js';
import { buy, startAttack, TOKEN, until, within } from './support.js';

/** All that left: the outcome, what the journal keeps, the log. */
async function leftovers(attack: Awaited<ReturnType<typeof startAttack>>, more: unknown): Promise<string> {
  const rows = await attack.store.journal.list('u1', { limit: 100 });
  const error = isAlgoError(more) ? `${more.message} ${more.stack ?? ''}` : '';
  return JSON.stringify([more, rows, attack.log]) + error;
}

/** The longest run of the secret's own characters in a text. */
function longestShare(text: string, secret: string): number {
  for (let length = secret.length; length > 0; length -= 1) {
    for (let at = 0; at + length <= secret.length; at += 1)
      if (text.includes(secret.slice(at, at + length))) return length;
  }
  return 0;
}

const rejected = (changes: Partial<CommandReply & { kind: 'rejected' }>): CommandReply => ({
  kind: 'rejected',
  reason: 'other',
  brokerCode: null,
  brokerText: '',
  ...changes,
});

describe('a token that the broker repeats', () => {
  test('in the very reply that refuses the session is not in the outcome, the journal or the log', async () => {
    const attack = await startAttack({
      script: () => ({
        placeOrder: async () =>
          rejected({ reason: 'session', brokerCode: 'DH-901', brokerText: `invalid token ${TOKEN}` }),
      }),
    });
    const outcome = await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    await attack.clock.advance(10);
    expect(await leftovers(attack, outcome)).not.toContain(TOKEN);
  });

  test('in a reply that comes after the session was dropped is not in the outcome', async () => {
    let reply: (text: CommandReply) => void = () => undefined;
    let first = true;
    const attack = await startAttack({
      unattended: false, // a pasted token is not used a second time
      script: () => ({
        placeOrder: () => {
          if (!first) return Promise.resolve(rejected({ reason: 'session' }));
          first = false;
          return new Promise<CommandReply>((resolve) => (reply = resolve));
        },
      }),
    });
    const slow = attack.me.orders.place(buy({ clientOrderId: 'c1' }));
    await attack.clock.advance(1);
    await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c2' })), 200);
    reply(rejected({ brokerText: `bad header access-token ${TOKEN}` }));
    expect(await leftovers(attack, await within(attack.clock, slow, 200))).not.toContain(TOKEN);
  });

  test('after it was replaced by the owner is not in the outcome of an order signed with it', async () => {
    let reply: (text: CommandReply) => void = () => undefined;
    const attack = await startAttack({
      script: () => ({ placeOrder: () => new Promise<CommandReply>((resolve) => (reply = resolve)) }),
    });
    const slow = attack.me.orders.place(buy({ clientOrderId: 'c1' }));
    await attack.clock.advance(1);
    await attack.me.credentials.put('fake', 'main', { clientId: 'A', token: 'a-new-token-0001' });
    reply(rejected({ brokerText: `bad header access-token ${TOKEN}` }));
    expect(await leftovers(attack, await within(attack.clock, slow, 200))).not.toContain(TOKEN);
  });

  test('as an error code is not in the journal', async () => {
    const attack = await startAttack({ script: () => ({ placeOrder: async () => rejected({ brokerCode: TOKEN }) }) });
    const outcome = await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(await leftovers(attack, outcome)).not.toContain(TOKEN);
  });

  test('in the reason of a command that was proven not to be sent is not in its proof', async () => {
    const attack = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call) {
          const request = {
            purpose: 'command',
            lane: 'orders',
            family: 'orders',
            method: 'POST',
            origin: 'http://127.0.0.1:1',
            path: '/',
          } as const;
          await http.send(request, call).catch(() => undefined);
          return { kind: 'unknown', why: `could not send with ${TOKEN}` };
        },
      }),
    });
    const outcome = await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(await leftovers(attack, outcome)).not.toContain(TOKEN);
  });

  test('as the status word of an order is not in what is known of that order', async () => {
    const attack = await startAttack({
      script: ({ exchange }) => ({
        order: async (id) => {
          const order = exchange.orders.find(({ brokerOrderId }) => brokerOrderId === id);
          return order === undefined ? null : { ...order, brokerStatus: TOKEN, symbol: TOKEN };
        },
      }),
    });
    await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    const tracked = await within(attack.clock, attack.me.orders.refresh('c1'), 1_000);
    expect(JSON.stringify(tracked)).not.toContain(TOKEN);
  });

  test('cut in the middle by the adapter is not left over in part', async () => {
    const long = `eyJ${'a1B2c3D4e5'.repeat(30)}`;
    const attack = await startAttack({
      script: () => ({ placeOrder: async () => rejected({ brokerText: `Invalid value: ${long}`.slice(0, 300) }) }),
    });
    await attack.me.credentials.put('fake', 'main', { clientId: 'A', token: long });
    const outcome = await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(longestShare(await leftovers(attack, outcome), long)).toBeLessThan(20);
  });

  test('in an error message of the store is not in the log', async () => {
    const dsn = 'postgres://algo:db-canary-password@127.0.0.1/algo';
    const attack = await startAttack({
      journal: (journal) => ({ ...journal, add: () => Promise.reject(new Error(`connect failed: ${dsn}`)) }),
    });
    await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(JSON.stringify(attack.log)).not.toContain('db-canary-password');
  });

  test('in the name of an error thrown by an adapter is not in ours', async () => {
    const attack = await startAttack({
      script: () => ({
        funds: async () => {
          throw Object.assign(new Error('x'), { name: `Bad ${TOKEN}` });
        },
      }),
    });
    const error = await within(
      attack.clock,
      attack.connection.funds().catch((thrown: unknown) => thrown),
      1_000,
    );
    expect(await leftovers(attack, error)).not.toContain(TOKEN);
  });

  test('in the name of a log event of the adapter is not in the log', async () => {
    const attack = await startAttack();
    void attack;
    const log: LogLine[] = [];
    const { redactingLogger, createRedactor } = await import('../../src/runtime/redactor.js');
    const redactor = createRedactor();
    redactor.remember(new Secret(TOKEN));
    redactingLogger(recordingLogger(log), redactor).warn(`refused ${TOKEN}`, {
      [TOKEN]: 1,
      nested: { token: TOKEN } as never,
    });
    expect(JSON.stringify(log)).not.toContain(TOKEN);
  });
});

describe('a log-in that fails', () => {
  test('shows nothing of what was sent, although the broker repeats all of it', async () => {
    const seen: string[] = [];
    const answer = (request: IncomingMessage): string => {
      seen.push(request.url ?? '');
      return JSON.stringify({ status: 'error', message: `wrong: ${request.url ?? ''}` });
    };
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer(request));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = createFakeClock();
    const log: LogLine[] = [];
    const algo = createAlgo({
      store: memoryStore(),
      keys: memoryKeys(),
      brokers: [
        dhan({ baseUrl: `${origin}/v2`, authUrl: origin, instrumentsUrl: `${origin}/m.csv`, instruments: 'compact' }),
      ],
      clock,
      logger: recordingLogger(log),
    });
    onTestFinished(async () => {
      await algo.close();
      server.close();
    });
    const me = algo.user('u1');
    await me.credentials.put('dhan', 'main', {
      clientId: '1000000001',
      pin: '482913',
      totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DP',
    });
    const error = await clock.runUntil(
      me.establishConnection({ broker: 'dhan', account: 'main' }).catch((thrown: unknown) => thrown),
    );
    await until(() => seen.length > 0);
    const code = new URL(seen[0] ?? '', origin).searchParams.get('totp') ?? '';
    expect(code).toMatch(/^\d{6}$/);
    const out =
      JSON.stringify([error, log, me.getConnectionStatus()]) +
      String(error) +
      (error instanceof Error ? error.stack : '');
    expect(out).not.toContain('482913');
    expect(out).not.toContain(code);
    expect(out).not.toContain('JBSWY3DP');
  });

  test('and is answered with a token that is not used does not show that token', async () => {
    const fresh = 'fresh-canary-token-77';
    let broken = false;
    const attack = await startAttack({
      script: () => ({
        async logIn({ fields, secrets }): Promise<BrokerSession> {
          if (broken) {
            throw new AlgoError('ALGO_LOGIN_REFUSED', {
              broker: 'fake',
              brokerCode: null,
              brokerText: `we just made ${fresh} for you and revoked it; old ${TOKEN}`,
            });
          }
          return {
            clientId: fields['clientId'] ?? '',
            secrets: { token: secrets['token'] ?? new Secret('') },
            facts: {},
            issuedAtMs: 0,
            expiresAtMs: null,
            renewable: false,
          };
        },
      }),
    });
    broken = true;
    await attack.me.credentials.put('fake', 'main', { clientId: 'A', token: 'next-token-000' });
    const error = await within(
      attack.clock,
      attack.connection.orders().catch((thrown: unknown) => thrown),
      1_000,
    );
    expect(await leftovers(attack, error)).not.toContain(TOKEN); // the one before, which the broker may still take
  });
});
