import type { ServerResponse } from 'node:http';
import type { Trouble } from './fault-plan.js';
import type { FrontEnd, IncomingRequest, OutgoingReply } from './front-end.js';
import type { HangingRequests } from './hanging.js';
import { reset, send, sendHalf } from './socket.js';

export interface Delivery {
  readonly frontEnd: FrontEnd;
  readonly hanging: HangingRequests;
  readonly request: IncomingRequest;
  readonly response: ServerResponse;
  readonly trouble: Trouble;
  readonly now: () => number;
}

/** Acts on one request and answers it, or does whatever its fault says instead. */
export async function deliver(delivery: Delivery): Promise<void> {
  const { frontEnd, hanging, request, response, now } = delivery;
  const { fired, hiddenForMs } = delivery.trouble;
  const act = (): Promise<OutgoingReply> => frontEnd.respond(request, { hiddenForMs });
  const answer = (reply: OutgoingReply): void => send(response, reply, now());
  if (fired === undefined) return answer(await act());

  const { fault } = fired;
  switch (fault.kind) {
    case 'slow': {
      const reply = await act();
      if (await hanging.delay(fault.delayMs)) answer(reply);
      return;
    }
    case 'hang': {
      const early = fault.when === 'after' ? await act() : undefined;
      if (await hanging.hold()) answer(early ?? (await act()));
      return;
    }
    case 'resetBefore':
      return reset(response);
    case 'resetAfter':
      await act();
      return reset(response);
    case 'errorBefore':
      return answer(frontEnd.serverErrorReply(fault.status));
    case 'errorAfter':
      await act();
      return answer(frontEnd.serverErrorReply(fault.status));
    case 'cutBody':
      return sendHalf(response, await act(), now());
    case 'html':
      if (fault.when === 'after') await act();
      return answer(maintenancePage(fault.status));
    case 'rateLimited':
      return answer(frontEnd.rateLimitedReply());
    case 'expiredToken':
      return answer(frontEnd.expiredTokenReply());
    case 'lateVisibility':
      return answer(await act());
    case 'staleBook':
      return answer(await frontEnd.respondFromSnapshot(request, fired.books.get(frontEnd.broker) ?? new Map()));
    case 'emptyBook':
      return answer(emptied(await act(), frontEnd.emptyListReply(frontEnd.operationOf(request))));
    case 'garbage':
      return answer(garbled(await act()));
  }
}

function maintenancePage(status: number): OutgoingReply {
  const page = '<html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>';
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(page) };
}

/** An empty list in place of what a good reply held. */
const emptied = (reply: OutgoingReply, empty: OutgoingReply): OutgoingReply => (reply.status === 200 ? empty : reply);

/** The reply without its end and with a stray byte: no JSON parser takes it. */
function garbled(reply: OutgoingReply): OutgoingReply {
  const half = reply.body.subarray(0, Math.ceil(reply.body.length / 2));
  return {
    status: reply.status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.concat([half, Buffer.from('\u0000')]),
  };
}
