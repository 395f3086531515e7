import { jsonReply as json } from '../wire.js';
import type { Reply } from '../wire.js';

export { json };

export function csv(body: string): Reply {
  return { status: 200, contentType: 'text/csv', body };
}

/** A refusal of the trading calls as documented: `emsg`, with HTTP 200. */
export function refused(stCode: number, emsg: string, status = 200): Reply {
  return json(status, { stat: 'Not_Ok', emsg, stCode });
}

/** The other spelling of a refusal, seen in recordings: `errMsg`, and at times a sentence for `stat`. */
export function refusedLive(stCode: number, errMsg: string, stat = 'Not_Ok', status = 200): Reply {
  return json(status, { stCode, errMsg, stat });
}

/** "None": an empty book is an error. */
export function noData(): Reply {
  return json(200, { stat: 'Not_Ok', errMsg: 'No Data', stCode: 5203, tid: 'server4_3946598' });
}

/** A body that cannot be read (recorded 2025-01); its HTTP status is not recorded. */
export function badBody(errMsg = 'body invalid'): Reply {
  return refusedLive(1007, errMsg, 'bad request', 400);
}

/** Not an instrument of the scrip files. */
export function unknownInstrument(): Reply {
  return refused(1009, 'Invalid instrument/code');
}

/** Success of placing, modifying and cancelling. */
export function orderTaken(nOrdNo: string): Reply {
  return json(200, { nOrdNo, stat: 'Ok', stCode: 200 });
}

/** Refusals of the two log-in steps. */
export function loginRefused(status: 401 | 403, message: string): Reply {
  return json(status, { status: 'error', message, errorCode: String(status) });
}

export function missingField(name: string): Reply {
  return json(400, { error: [{ code: '400', message: `Missing required field '${name}'` }] });
}

/** Refusals of the candle call. */
export function candleFault(code: number, message: string): Reply {
  return json(code, { status: 'ERROR', fault: { code, message } });
}

/** The gateway's word for an access token that it does not know; the envelope is ours. */
export function unknownAccessToken(): Reply {
  return refused(900_901, 'Invalid Credentials', 401);
}

export function tooManyRequests(): Reply {
  return refused(429, 'Too many requests to the API', 429);
}

export function serverError(status: number): Reply {
  return refused(status, status === 502 ? 'Not able to communicate with OMS' : 'Unexpected error', status);
}
