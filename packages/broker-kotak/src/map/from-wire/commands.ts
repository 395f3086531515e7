import type { BrokerReply, CommandReply } from '@algo/core/adapter';
import { saysOk } from '../../wire/errors.js';
import { idOf, isFields } from '../../wire/read.js';
import { commandFault } from '../errors.js';

type Status = Pick<BrokerReply, 'status' | 'json'>;

/** What became of a place command. An order that is refused later has its number too, and the book carries the reason. */
export function fromPlaceReply(reply: Status): CommandReply {
  const body = jsonOf(reply);
  const orderId = orderIdIn(body);
  if (isYes(reply.status, body)) {
    return orderId === null ? noNumber(reply.status) : { kind: 'acknowledged', brokerOrderId: orderId };
  }
  return orderId === null ? commandFault(reply.status, body, 'place') : contradiction(reply.status);
}

/** What became of a modify or cancel: taken only when the reply names the very order that was asked for. */
export function fromOrderReply(reply: Status, brokerOrderId: string): CommandReply {
  const body = jsonOf(reply);
  if (!isYes(reply.status, body)) return commandFault(reply.status, body, 'change');
  const echoed = orderIdIn(body);
  if (echoed === null) return noNumber(reply.status);
  return echoed === brokerOrderId
    ? { kind: 'acknowledged', brokerOrderId }
    : { kind: 'unknown', why: `HTTP ${reply.status} naming another order` };
}

const isYes = (status: number, body: unknown): boolean => status >= 200 && status <= 299 && saysOk(body);

const noNumber = (status: number): CommandReply => ({ kind: 'unknown', why: `HTTP ${status} without an order number` });

/** A refusal with the number of a new order: one of the two is not true. */
const contradiction = (status: number): CommandReply => ({
  kind: 'unknown',
  why: `HTTP ${status} with an order number and without a yes`,
});

function orderIdIn(body: unknown): string | null {
  if (!isFields(body)) return null;
  try {
    return idOf(body, 'nOrdNo');
  } catch {
    return null;
  }
}

/** Undefined for what is not JSON: with a command that is not an error but a question. */
function jsonOf(reply: Status): unknown {
  try {
    return reply.json();
  } catch {
    return undefined;
  }
}
