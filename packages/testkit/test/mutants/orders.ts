import { AlgoError, isAlgoError } from '@algo/core/adapter';
import type { BrokerRequest, CommandReply, ModifyCommand, PlaceCommand } from '@algo/core/adapter';
import { brokenAdapter, misreading, missending } from './mutant.js';
import type { Mutant } from './mutant.js';

/** Another order than the one that was asked for goes out. */
const placing = (what: string, caughtBy: string, change: (command: PlaceCommand) => Partial<PlaceCommand>): Mutant =>
  brokenAdapter(what, caughtBy, (good) => ({
    placeOrder: (command, call) => good.placeOrder({ ...command, ...change(command) }, call),
  }));

const modifying = (
  what: string,
  caughtBy: string,
  change: (command: ModifyCommand) => Partial<ModifyCommand>,
): Mutant =>
  brokenAdapter(what, caughtBy, (good) => ({
    modifyOrder: (command, call) => good.modifyOrder({ ...command, ...change(command) }, call),
  }));

/** One word of the bodies of orders for another. */
const wording = (what: string, caughtBy: string, from: string, to: string): Mutant =>
  missending(what, caughtBy, (request) =>
    isOrder(request) && request.body !== undefined ? { ...request, body: request.body.replace(from, to) } : request,
  );

const isOrder = ({ lane }: BrokerRequest): boolean => lane === 'orders';

/** The share that orders are in stands at 1400 rupees; both are within the day's band. */
const ABOVE_THE_MARKET = 14_280_000;
const BELOW_THE_MARKET = 13_860_000;

export const ORDER_MUTANTS: readonly Mutant[] = [
  placing('side swapped', 'a limit BUY arrives once', ({ side }) => ({ side: side === 'BUY' ? 'SELL' : 'BUY' })),
  placing('lots for units', 'contracts are ordered in units', ({ quantity, listing }) => ({
    quantity: quantity * listing.lotSize,
  })),
  placing('paise for rupees', 'a limit BUY arrives once', ({ price }) => ({
    price: price === null ? null : price / 100,
  })),
  placing('tag cut', 'a limit BUY arrives once', ({ tag }) => ({ tag: tag.slice(0, 8) })),
  wording('delivery sent as intraday', 'every product of the capabilities', '"CNC"', '"INTRADAY"'),
  wording('funded delivery sent as delivery', 'every product of the capabilities', '"MTF"', '"CNC"'),
  wording('carried contracts sent as intraday', 'contracts are ordered in units', '"MARGIN"', '"INTRADAY"'),
  wording('IOC sent as DAY', 'every order type and validity', '"IOC"', '"DAY"'),
  wording('a stop sent as a plain limit', 'every order type and validity', '"STOP_LOSS"', '"LIMIT"'),
  placing('a market order sent as a limit beyond the market', 'every order type and validity', ({ type }) =>
    type === 'MARKET' ? { type: 'LIMIT', price: ABOVE_THE_MARKET } : {},
  ),
  placing('a trigger beside the one that was meant', 'every order type and validity', ({ triggerPrice }) => ({
    triggerPrice: triggerPrice === null ? null : triggerPrice + 10_000,
  })),
  modifying('a modify that leaves the validity', 'of the validity arrives', () => ({ validity: 'DAY' })),
  modifying('a modify that changes the validity', 'sets the new total', () => ({ validity: 'IOC' })),
  modifying('a modify that leaves the type', 'of a stop order into one with a limit', ({ order }) => ({
    type: order.type,
    price: ABOVE_THE_MARKET,
    triggerPrice: ABOVE_THE_MARKET - 20_000,
  })),
  modifying('a modify that leaves the trigger', 'of a stop order moves its trigger', ({ triggerPrice }) => ({
    triggerPrice: triggerPrice === null ? null : triggerPrice - 20_000,
  })),
  modifying('a modify into a market order that stays a limit', 'into a market order', ({ type, order }) =>
    type === 'MARKET' ? { type: order.type, price: BELOW_THE_MARKET } : {},
  ),
  modifying('what is left in place of the new total', 'counts what is filled already', ({ quantity }) => ({
    quantity: quantity - 4,
  })),
];

const rejectedWhereUnknown = (reply: CommandReply): CommandReply =>
  reply.kind === 'unknown' ? { kind: 'rejected', reason: 'broker-down', brokerCode: null, brokerText: '' } : reply;

/** What a reply is taken for. */
export const OUTCOME_MUTANTS: readonly Mutant[] = [
  brokenAdapter('5xx as rejected', 'the broker acts and a 500 comes back', (good) => ({
    placeOrder: async (command, call) => rejectedWhereUnknown(await good.placeOrder(command, call)),
  })),
  brokenAdapter('not sent claimed after a write', 'the broker acts and the reply is lost', (good) => ({
    placeOrder: async (command, call) => {
      try {
        return await good.placeOrder(command, call);
      } catch (error) {
        if (!isAlgoError(error)) throw error;
        throw new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: 'dhan', cause: 'reset' }, 'none');
      }
    },
  })),
  brokenAdapter('sent again after a lost reply', 'the broker acts and the reply is lost', (good) => ({
    placeOrder: (command, call) => good.placeOrder(command, call).catch(() => good.placeOrder(command, call)),
  })),
  ...(['placeOrder', 'modifyOrder', 'cancelOrder'] as const).map((command) =>
    misreading(
      `a good reply to ${command} believed whatever its status`,
      `${command}: a good reply is believed under its own status`,
      (request, reply) => (isOrder(request) ? { ...reply, status: 200 } : reply),
    ),
  ),
  misreading(
    'a good reply believed under 503 alone',
    'placeOrder: a good reply is believed under its own status',
    (request, reply) => (isOrder(request) && reply.status === 503 ? { ...reply, status: 200 } : reply),
  ),
  brokenAdapter('a modify acknowledged by another order', 'modifyOrder: a good reply that names another', (good) => ({
    modifyOrder: async (command, call) =>
      acknowledgedByAny(await good.modifyOrder(command, call), command.brokerOrderId),
  })),
  brokenAdapter('a cancel acknowledged by another order', 'cancelOrder: a good reply that names another', (good) => ({
    cancelOrder: async (command, call) =>
      acknowledgedByAny(await good.cancelOrder(command, call), command.brokerOrderId),
  })),
];

const acknowledgedByAny = (reply: CommandReply, brokerOrderId: string): CommandReply =>
  reply.kind === 'unknown' && reply.why.includes('naming another order')
    ? { kind: 'acknowledged', brokerOrderId }
    : reply;
