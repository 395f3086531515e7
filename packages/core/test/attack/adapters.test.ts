import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrokerAdapter, BrokerCall, BrokerRequest, CommandReply } from '@algo/core/adapter';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buy, never, orderOf, startAttack, within } from './support.js';

const post = (origin: string, changes: Partial<BrokerRequest> = {}): BrokerRequest => ({
  purpose: 'command',
  lane: 'orders',
  family: 'orders',
  method: 'POST',
  origin,
  path: '/orders',
  body: '{}',
  ...changes,
});

const look = (origin: string): BrokerRequest => ({
  purpose: 'read',
  lane: 'reads',
  family: 'reads',
  method: 'GET',
  origin,
  path: '/orders',
});

async function server(answer: (nth: number) => { readonly status: number; readonly body: string } | null) {
  const seen: string[] = [];
  const http = createServer((request, response) => {
    seen.push(request.url ?? '');
    const reply = answer(seen.length);
    if (reply === null) return void request.socket.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void http.close());
  const { port } = http.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, seen };
}

const CLOSED_PORT = 'http://127.0.0.1:1';

describe('an adapter that breaks its contract', () => {
  test('and throws at once after the order was taken leaves an unknown order and not an exception', async () => {
    const { me, exchange, run } = await startAttack({
      script: () => ({
        placeOrder: (command: Parameters<BrokerAdapter['placeOrder']>[0]) => {
          exchange.accept(command); // its own client took it
          throw new Error('late bug');
        },
      }),
    });

    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome.kind).toBe('unknown');
  });

  test('and throws at once gives its place in the lane back', async () => {
    let broken = true;
    const { me, clock } = await startAttack({
      algo: { sockets: { orders: 2 } }, // one of them for cancels
      script: ({ exchange }) => ({
        placeOrder: (command: Parameters<BrokerAdapter['placeOrder']>[0]) => {
          if (broken) throw new Error('bug');
          return Promise.resolve({ kind: 'acknowledged', brokerOrderId: exchange.accept(command) });
        },
      }),
    });
    await me.orders.place(buy({ clientOrderId: 'c1' })).catch(() => undefined);
    broken = false;
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c2', deadlineMs: 1_000 })), 2_000);
    expect(outcome).toMatchObject({ kind: 'accepted' });
  });

  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a word', 'ok'],
    ['an unknown without a reason', { kind: 'unknown' }],
    ['a kind nobody knows', { kind: 'done' }],
    ['an acknowledgement without an id', { kind: 'acknowledged' }],
    ['an acknowledgement with an empty id', { kind: 'acknowledged', brokerOrderId: '' }],
    ['an acknowledgement with a number as id', { kind: 'acknowledged', brokerOrderId: 17 }],
    ['a rejection without a text', { kind: 'rejected', reason: 'margin', brokerCode: null }],
  ])('and answers %s leaves an unknown order', async (_what, reply) => {
    const { me, run } = await startAttack({ script: () => ({ placeOrder: async () => reply as CommandReply }) });
    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome.kind).toBe('unknown');
  });

  test.each<readonly [string, Record<string, unknown>]>([
    ['without a code', { kind: 'rejected', reason: 'margin', brokerText: 'no money' }],
    [
      'for a reason that is not in the list',
      { kind: 'rejected', reason: 'weather', brokerCode: null, brokerText: 'rain' },
    ],
    ['with a number as code', { kind: 'rejected', reason: 'margin', brokerCode: 17, brokerText: 'no money' }],
  ])('and rejects %s is never read as accepted', async (_what, reply) => {
    const { me, run } = await startAttack({
      script: () => ({ placeOrder: async () => reply as unknown as CommandReply }),
    });
    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome.kind).not.toBe('accepted');
  });

  test('and says that it has a client of its own is never believed when it says nothing was sent', async () => {
    const broker = await server(() => ({ status: 200, body: '{"orderId":"B1"}' }));
    const { me, run } = await startAttack({
      usesOwnClient: true,
      script: ({ http }) => ({
        async placeOrder(_command, call: BrokerCall) {
          try {
            await http.send(post(CLOSED_PORT), call);
          } catch {
            await fetch(`${broker.origin}/orders`, { method: 'POST', body: '{}' }); // the order is in now
            throw new Error('and its reply could not be read');
          }
          return { kind: 'unknown', why: '' };
        },
      }),
    });
    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(broker.seen).toHaveLength(1);
    expect(outcome.kind).toBe('unknown');
  });

  test('and sends the order under the mark of a read is not believed when it says nothing was sent', async () => {
    const broker = await server(() => ({ status: 500, body: '{}' }));
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call) {
          await http.send(post(CLOSED_PORT), call).catch(() => undefined);
          await http.send(post(broker.origin, { purpose: 'read' }), call);
          return { kind: 'unknown', why: '' };
        },
      }),
    });
    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(broker.seen).toHaveLength(1);
    expect(outcome.kind).toBe('unknown');
  });

  test('and tries again after a lost reply does not write a second order', async () => {
    const broker = await server((nth) => (nth === 1 ? null : { status: 200, body: '{"orderId":"B2"}' }));
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call) {
          const reply = await http.send(post(broker.origin), call).catch(() => http.send(post(broker.origin), call));
          return { kind: 'acknowledged', brokerOrderId: String(JSON.parse(reply.text()).orderId) };
        },
      }),
    });
    await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(broker.seen).toHaveLength(1);
  });

  test('and looks at the book before its command may send that one, once', async () => {
    const broker = await server((nth) => ({ status: 200, body: `{"orderId":"B${nth}"}` }));
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call) {
          await http.send(look(broker.origin), call);
          const reply = await http.send(post(broker.origin), call);
          await http.send(post(broker.origin), call).catch(() => undefined);
          return { kind: 'acknowledged', brokerOrderId: String(JSON.parse(reply.text()).orderId) };
        },
      }),
    });
    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome).toMatchObject({ kind: 'accepted', brokerOrderId: 'B2' });
    expect(broker.seen).toHaveLength(2);
  });

  test('and has its second try rejected does not end an order whose first try got no answer', async () => {
    const broker = await server((nth) => (nth === 1 ? null : { status: 400, body: '{}' }));
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call) {
          await http.send(post(broker.origin), call).catch(() => http.send(post(broker.origin), call));
          return { kind: 'rejected', reason: 'margin', brokerCode: 'M1', brokerText: 'margin is used up' };
        },
      }),
    });
    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome.kind).toBe('unknown');
  });

  test('and asks for two commands at once writes one of them', async () => {
    const broker = await server((nth) => ({ status: 200, body: `{"orderId":"B${nth}"}` }));
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call): Promise<CommandReply> {
          const both = [http.send(post(broker.origin), call), http.send(post(broker.origin), call)];
          const [first] = await Promise.allSettled(both);
          if (first?.status !== 'fulfilled') throw new Error('neither');
          return { kind: 'acknowledged', brokerOrderId: 'B1' };
        },
      }),
    });

    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome).toMatchObject({ kind: 'accepted', brokerOrderId: 'B1' });
    expect(broker.seen).toHaveLength(1);
  });

  test('and looks before a command that the broker refuses has the refusal believed', async () => {
    const broker = await server(() => ({ status: 200, body: '{}' }));
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call): Promise<CommandReply> {
          await http.send(look(broker.origin), call);
          await http.send(post(broker.origin), call);
          return { kind: 'rejected', reason: 'margin', brokerCode: null, brokerText: 'no funds' };
        },
      }),
    });

    const outcome = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'margin' });
    expect(broker.seen).toHaveLength(2);
  });

  test('and gives a second order the id of the first is not believed', async () => {
    const { me, exchange, run } = await startAttack({
      script: () => ({
        placeOrder: async (command: Parameters<BrokerAdapter['placeOrder']>[0]) => {
          exchange.accept(command);
          return { kind: 'acknowledged', brokerOrderId: 'B1' };
        },
      }),
    });

    const first = await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    const second = await run(me.orders.place(buy({ clientOrderId: 'c2', side: 'SELL' })));
    expect(first).toMatchObject({ kind: 'accepted', brokerOrderId: 'B1' });
    expect(second.kind).toBe('unknown');
  });

  test('and shows another order than the one to be modified has nothing modified', async () => {
    const modified: unknown[] = [];
    const { me, exchange, run } = await startAttack({
      script: () => ({
        modifyOrder: async (command: Parameters<BrokerAdapter['modifyOrder']>[0]) => {
          modified.push(command);
          return { kind: 'acknowledged', brokerOrderId: command.brokerOrderId };
        },
        order: async (id: string) => ({ ...orderOf({ brokerOrderId: id }), ...shown }),
      }),
    });
    let shown: object = {};
    await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    expect(exchange.orders).toHaveLength(1);

    for (shown of [{ brokerOrderId: 'B9' }, { side: 'SELL' }, { instrument: 'NSE:TCS' }]) {
      const outcome = await run(me.orders.modify({ clientOrderId: 'c1', price: 1391 }));
      expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'order-unreadable' } });
    }
    expect(modified).toEqual([]);
  });

  test('and keeps a call for later cannot write with it once it ended', async () => {
    const broker = await server(() => ({ status: 200, body: '{}' }));
    const kept: BrokerCall[] = [];
    const failures: unknown[] = [];
    const { me, run } = await startAttack({
      script: ({ http }) => ({
        async placeOrder(_command, call) {
          for (const old of kept)
            await http.send(post(broker.origin), old).catch((error: unknown) => failures.push(error));
          kept.push(call);
          return { kind: 'unknown', why: 'later' };
        },
      }),
    });
    await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    await run(me.orders.place(buy({ clientOrderId: 'c2' })));
    expect(broker.seen).toHaveLength(0);
    expect(failures).toHaveLength(1);
  });

  test('and never settles is answered for at the deadline as unknown, and the socket is free again', async () => {
    const { me, clock } = await startAttack({ script: () => ({ placeOrder: () => never<CommandReply>() }) });
    for (let at = 0; at < 4; at += 1) {
      const outcome = await within(clock, me.orders.place(buy({ clientOrderId: `c${at}`, deadlineMs: 500 })), 600);
      expect(outcome).toMatchObject({ kind: 'unknown' });
    }
  });

  test('and hands over headers that are no list does not use up the sockets of the lane', async () => {
    const broker = await server(() => ({ status: 200, body: '{"orderId":"B1"}' }));
    let broken = true;
    const { me, clock } = await startAttack({
      algo: { sockets: { orders: 2 } },
      script: ({ http, exchange }) => ({
        async placeOrder(command, call) {
          if (broken) await http.send(post(broker.origin, { headers: { a: 'b' } as never }), call);
          return { kind: 'acknowledged', brokerOrderId: exchange.accept(command) };
        },
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    broken = false;
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c2', deadlineMs: 1_000 })), 2_000);
    expect(outcome).toMatchObject({ kind: 'accepted' });
  });

  test('and rejects after the deadline changes nothing any more', async () => {
    let late: (reply: CommandReply) => void = () => undefined;
    const { me, clock, store } = await startAttack({
      script: () => ({ placeOrder: () => new Promise<CommandReply>((resolve) => (late = resolve)) }),
    });
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 100 })), 200);
    late({ kind: 'rejected', reason: 'other', brokerCode: null, brokerText: 'late' });
    await clock.advance(10);
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect((await store.journal.attemptsOf('u1', 'c1'))[0]?.state).toBe('AMBIGUOUS');
  });
});

test('a raw command whose adapter never settles ends at its deadline', async () => {
  const { connection, clock } = await startAttack({ script: () => ({ raw: () => never() }) });
  const ended = await within(clock, connection.raw({ purpose: 'command', method: 'POST', path: '/x' }), 15_000);
  expect(ended).not.toBe('pending');
});
