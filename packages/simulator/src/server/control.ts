import type { LedgerEntry } from '../exchange/ledger.js';
import { parseFault } from './fault-json.js';
import type { Fault } from './faults.js';
import type { IncomingRequest, OutgoingReply } from './front-end.js';
import type { ReceivedRequest } from './received.js';

export const CONTROL_PREFIX = '/__simulator/';

/** What tests in other processes can do with a running simulator. */
export interface Controls {
  now(): number;
  ledger(): readonly LedgerEntry[];
  received(operation?: string): readonly ReceivedRequest[];
  inject(fault: Fault): void;
  clearFaults(): void;
  releaseHung(): void;
  /** Rupees. */
  setLastPrice(instrument: string, price: number): void;
}

export type Control = (request: IncomingRequest) => OutgoingReply;

/**
 * Answers the calls under `/__simulator/`: GET health, ledger, received?operation=; POST faults (one fault or a list),
 * release, price {instrument, price}; DELETE faults. A bad call is answered 400 with `{error}`.
 */
export function createControl(controls: Controls): Control {
  return (request) => {
    try {
      return answer(controls, request);
    } catch (error) {
      return reply(400, { error: error instanceof Error ? error.message : String(error) });
    }
  };
}

function answer(controls: Controls, request: IncomingRequest): OutgoingReply {
  const { pathname, searchParams } = new URL(request.url, 'http://simulator');
  switch (`${request.method} ${pathname.slice(CONTROL_PREFIX.length)}`) {
    case 'GET health':
      return reply(200, { status: 'ok', now: controls.now() });
    case 'GET ledger':
      return reply(200, controls.ledger());
    case 'GET received':
      return reply(200, controls.received(searchParams.get('operation') ?? undefined));
    case 'POST faults': {
      const value: unknown = JSON.parse(request.body);
      const faults = (Array.isArray(value) ? value : [value]).map(parseFault); // all are read before one is injected
      faults.forEach((fault) => controls.inject(fault));
      return reply(200, { injected: faults.length });
    }
    case 'DELETE faults':
      controls.clearFaults();
      return reply(200, {});
    case 'POST release':
      controls.releaseHung();
      return reply(200, {});
    case 'POST price':
      setPrice(controls, JSON.parse(request.body));
      return reply(200, {});
    default:
      return reply(404, { error: `There is no ${request.method} ${pathname}` });
  }
}

function setPrice(controls: Controls, value: unknown): void {
  const fields = typeof value === 'object' && value !== null ? value : {};
  const instrument = 'instrument' in fields ? fields.instrument : undefined;
  const price = 'price' in fields ? fields.price : undefined;
  if (typeof instrument !== 'string' || typeof price !== 'number') {
    throw new Error('Expected {"instrument": text, "price": rupees}');
  }
  controls.setLastPrice(instrument, price);
}

function reply(status: number, body: unknown): OutgoingReply {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}
