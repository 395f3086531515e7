import type { BrokerReply, CommandReply } from '@algo/core/adapter';
import { saidIn, saysSuccess } from '../../wire/errors.js';
import { orderIdIn } from '../../wire/orders.js';
import { commandFault } from '../errors.js';
import type { CommandName } from '../faults.js';

type Reply = Pick<BrokerReply, 'status' | 'json' | 'text'>;

/** What became of a place command. Success only means that Angel took it: the book says what the exchange did. */
export function fromPlaceReply(reply: Reply): CommandReply {
  return fromReply('place', reply, (brokerOrderId) => ({ kind: 'acknowledged', brokerOrderId }));
}

/** What became of a modify or cancel: taken only when the reply names the very order that was asked for. */
export function fromOrderReply(command: 'modify' | 'cancel', reply: Reply, brokerOrderId: string): CommandReply {
  return fromReply(command, reply, (echoed) =>
    echoed === brokerOrderId
      ? { kind: 'acknowledged', brokerOrderId }
      : { kind: 'unknown', why: `HTTP ${reply.status} naming another order` },
  );
}

function fromReply(command: CommandName, reply: Reply, taken: (orderId: string) => CommandReply): CommandReply {
  const said = saidIn(reply);
  const isSuccess = reply.status >= 200 && reply.status <= 299 && said.kind === 'json' && saysSuccess(said.body);
  if (!isSuccess) return commandFault(command, reply.status, said);
  const orderId = orderIdIn(said.body);
  return orderId === null ? { kind: 'unknown', why: `HTTP ${reply.status} without an order id` } : taken(orderId);
}
