import type { BrokerAdapter, BrokerOrder, CommandReply } from '@algo/core/adapter';
import { AlgoError, isAlgoError } from '@algo/core/adapter';
import type { BrokerDefinition } from '@algo/core';
import { describe, expect, test } from 'vitest';
import { DHAN } from '../../broker-dhan/test/support/conformance.js';
import { brokerConformance } from '../src/index.js';
import type { ConformanceOptions, TestRunner } from '../src/index.js';

/** A suite that cannot fail shows nothing. Every adapter here is a good one, broken in one place. */
const BROKEN: Readonly<Record<string, (good: BrokerAdapter) => Partial<BrokerAdapter>>> = {
  'side swapped': (good) => ({
    placeOrder: (command, call) => good.placeOrder({ ...command, side: command.side === 'BUY' ? 'SELL' : 'BUY' }, call),
  }),

  'lots for units': (good) => ({
    placeOrder: (command, call) =>
      good.placeOrder({ ...command, quantity: command.quantity * command.listing.lotSize }, call),
  }),

  'paise for rupees': (good) => ({
    placeOrder: (command, call) =>
      good.placeOrder({ ...command, price: command.price === null ? null : command.price / 100 }, call),
  }),

  'tag dropped': (good) => ({
    orderBook: async (call) => {
      const book = await good.orderBook(call);
      return { ...book, orders: book.orders.map((order) => ({ ...order, tag: null })) };
    },
  }),

  'tag cut': (good) => ({
    placeOrder: (command, call) => good.placeOrder({ ...command, tag: command.tag.slice(0, 8) }, call),
  }),

  'unknown status made terminal': (good) => ({
    orderBook: async (call) => {
      const book = await good.orderBook(call);
      return { ...book, orders: book.orders.map(endedWhereUnknown) };
    },
  }),

  '5xx as rejected': (good) => ({
    placeOrder: async (command, call) => rejectedWhereUnknown(await good.placeOrder(command, call)),
  }),

  'an error in place of the book as an empty book': (good) => ({
    orderBook: (call) => good.orderBook(call).catch(() => ({ orders: [], complete: true })),
  }),

  'second page ignored': (good) => ({
    orderBook: async (call) => {
      const book = await good.orderBook(call);
      return { ...book, orders: book.orders.slice(0, 50) };
    },
  }),

  'not sent claimed after a write': (good) => ({
    placeOrder: async (command, call) => {
      try {
        return await good.placeOrder(command, call);
      } catch (error) {
        if (!isAlgoError(error)) throw error;
        throw new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: 'dhan', cause: 'reset' }, 'none');
      }
    },
  }),

  'sent again after a lost reply': (good) => ({
    placeOrder: (command, call) => good.placeOrder(command, call).catch(() => good.placeOrder(command, call)),
  }),

  'position sign flipped': (good) => ({
    positions: async (call) =>
      (await good.positions(call)).map((position) => ({ ...position, quantity: -position.quantity })),
  }),

  'one error for every error': (good) => ({
    profile: (call) =>
      good.profile(call).catch(() => {
        throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'dhan', status: null, brokerCode: null });
      }),
  }),
};

const endedWhereUnknown = (order: BrokerOrder): BrokerOrder =>
  order.brokerStatus === 'QUITE NEW' ? { ...order, status: 'CANCELLED' } : order;

const rejectedWhereUnknown = (reply: CommandReply): CommandReply =>
  reply.kind === 'unknown' ? { kind: 'rejected', reason: 'broker-down', brokerCode: null, brokerText: '' } : reply;

/** Capabilities that are not true. */
const LIES: Readonly<Record<string, Partial<BrokerDefinition['capabilities']>>> = {
  'an order type that is refused': { orderTypes: ['MARKET', 'LIMIT', 'SL', 'SL-M'] },
  'a longer tag than fits': {
    orderIdentity: { grade: 'G2', tagLength: 40, visibleWithinMs: 120_000 },
  },
  'a candle interval that there is none of': { candleIntervals: ['1m', '30m'] },
  'no margin call although there is one': { margin: false },
  'a session that lives for an hour': { session: { lastsMs: 3_600_000, endsDailyAt: null, secondLogin: 'unsure' } },
};

describe('the suite fails an adapter with', () => {
  test.each(Object.entries(BROKEN))('%s', async (_what, breakIt) => {
    const failed = await firstFailure(
      over((definition) => ({
        ...definition,
        connect(context) {
          const good = definition.connect(context);
          return { ...good, ...breakIt(good) };
        },
      })),
    );
    expect(failed).not.toBeNull();
  });
});

describe('the suite fails capabilities that claim', () => {
  test.each(Object.entries(LIES))('%s', async (_what, lie) => {
    const honest = (definition: BrokerDefinition): BrokerDefinition => ({
      ...definition,
      capabilities: { ...definition.capabilities, ...lie },
    });
    const options = over(honest);
    const lacks = lie.margin === false ? { ...options.lacks, margin: 'it is said' } : options.lacks;
    expect(await firstFailure({ ...options, ...(lacks === undefined ? {} : { lacks }) })).not.toBeNull();
  });
});

function over(change: (definition: BrokerDefinition) => BrokerDefinition): ConformanceOptions {
  return {
    ...DHAN,
    report: () => undefined,
    subject: async (setup) => {
      const subject = await DHAN.subject(setup);
      return { ...subject, definition: change(subject.definition) };
    },
  };
}

/** The name of the first test that fails; null when all pass. */
async function firstFailure(options: ConformanceOptions): Promise<string | null> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const runner: TestRunner = {
    describe: (_name, body) => body(),
    test: (name, body) => void tests.push({ name, body }),
  };
  brokerConformance(runner, options);
  for (const { name, body } of tests) {
    try {
      await body();
    } catch {
      return name;
    }
  }
  return null;
}
