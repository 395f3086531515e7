import type { BrokerReply, CommandReply } from '@algo/core/adapter';
import { idOf, isFields } from '../../wire/read.js';
import { readEnvelope } from '../../wire/errors.js';
import { commandFault } from '../errors.js';

type Status = Pick<BrokerReply, 'status' | 'json'>;

/**
 * What became of a place command. An order that Dhan took and refused at once (`orderStatus: "REJECTED"`) is
 * acknowledged too: it has an id, and the book carries the reason.
 */
export function fromPlaceReply(reply: Status): CommandReply {
  const body = jsonOf(reply);
  if (!isSuccess(reply.status)) return commandFault(reply.status, body);
  const brokerOrderId = orderIdIn(body);
  return brokerOrderId === null ? noAnswer(reply.status) : { kind: 'acknowledged', brokerOrderId };
}

/** What became of a modify or cancel: taken only when the reply names the very order that was asked for. */
export function fromOrderReply(reply: Status, brokerOrderId: string): CommandReply {
  const body = jsonOf(reply);
  if (!isSuccess(reply.status)) return commandFault(reply.status, body);
  const echoed = orderIdIn(body);
  if (echoed === null) return noAnswer(reply.status);
  return echoed === brokerOrderId
    ? { kind: 'acknowledged', brokerOrderId }
    : { kind: 'unknown', why: `HTTP ${reply.status} naming another order` };
}

/** 200 by the docs; 201 for a place and 202 for a cancel were recorded. */
const isSuccess = (status: number): boolean => status >= 200 && status <= 299;

const noAnswer = (status: number): CommandReply => ({ kind: 'unknown', why: `HTTP ${status} without an order id` });

function orderIdIn(body: unknown): string | null {
  if (!isFields(body) || readEnvelope(body) !== null) return null;
  try {
    return idOf(body, 'orderId');
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
