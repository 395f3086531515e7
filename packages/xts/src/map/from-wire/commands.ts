import type { BrokerReply, CommandReply } from '@algo/core/adapter';
import { field, isFields } from '../../wire/read.js';
import type { Fields, XtsReader } from '../../wire/read.js';
import { appOrderId } from '../../wire/orders.js';
import { readEnvelope } from '../../wire/errors.js';
import type { Faults } from '../errors.js';

type Status = Pick<BrokerReply, 'status' | 'json'>;

/** What reading a command's reply needs. */
export interface CommandReading {
  readonly read: XtsReader;
  readonly faults: Faults;
}

/**
 * What became of a place command. Success means that the request is queued at the broker: a refusal by its risk checks or
 * by the exchange shows a moment later, in the book alone.
 */
export function fromPlaceReply(reply: Status, tag: string, reading: CommandReading): CommandReply {
  const taken = takenBy(reply, reading);
  if ('kind' in taken) return taken;
  // The answer repeats the tag. Another one would be somebody else's order id.
  const echoed = field(taken.result, 'OrderUniqueIdentifier');
  const isAnothers = typeof echoed === 'string' && echoed !== '' && echoed !== tag;
  if (isAnothers) return { kind: 'unknown', why: `HTTP ${reply.status} naming another tag` };
  return { kind: 'acknowledged', brokerOrderId: taken.id };
}

/** What became of a modify or cancel: taken only when the reply names the very order that was asked for. */
export function fromOrderReply(reply: Status, brokerOrderId: string, reading: CommandReading): CommandReply {
  const taken = takenBy(reply, reading);
  if ('kind' in taken) return taken;
  return taken.id === brokerOrderId
    ? { kind: 'acknowledged', brokerOrderId }
    : { kind: 'unknown', why: `HTTP ${reply.status} naming another order` };
}

interface Taken {
  readonly id: string;
  readonly result: Fields;
}

function takenBy(reply: Status, { read, faults }: CommandReading): Taken | CommandReply {
  const body = jsonOf(reply);
  if (reply.status < 200 || reply.status > 299) return faults.command(reply.status, body);
  const noAnswer: CommandReply = { kind: 'unknown', why: `HTTP ${reply.status} without an order id` };
  if (!isFields(body) || readEnvelope(body) !== null || field(body, 'type') !== 'success') return noAnswer;
  const result = field(body, 'result');
  if (!isFields(result)) return noAnswer;
  try {
    return { id: appOrderId(read, result), result };
  } catch {
    return noAnswer;
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
