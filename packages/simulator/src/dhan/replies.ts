import { jsonReply as json } from '../wire.js';
import type { Reply } from '../wire.js';

export { json };

export function csv(body: string): Reply {
  return { status: 200, contentType: 'text/csv', body };
}

/** Trading errors, by code: HTTP status, `errorType` and the message of Dhan's annexure (docs of 2026-07-15). */
const TRADING_ERRORS = {
  'DH-901': [401, 'Invalid_Authentication', 'Client ID or user generated access token is invalid or expired.'],
  'DH-902': [
    400,
    'Invalid_Access',
    'User has not subscribed to Data APIs or does not have access to Trading APIs. Kindly subscribe to Data APIs.',
  ],
  'DH-903': [400, 'User_Account', "Errors related to User's Account. Check if the required segments are activated."],
  'DH-904': [429, 'Rate_Limit', 'Too many requests on server from single user breaching rate limits.'],
  'DH-905': [400, 'Input_Exception', 'Missing required fields, bad values for parameters etc.'],
  'DH-906': [400, 'Order_Error', 'Incorrect request for order and cannot be processed.'],
  'DH-907': [400, 'Data_Error', 'System is unable to fetch data due to incorrect parameters or no data present.'],
  'DH-908': [500, 'Internal_Server_Error', 'Server was not able to process API request.'],
  'DH-1111': [500, 'HOLDING_ERROR', 'No holdings available'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type TradingErrorCode = keyof typeof TRADING_ERRORS;

/** The first envelope of the three: `{errorType, errorCode, errorMessage}`. */
export function tradingError(code: TradingErrorCode, message?: string, status?: number): Reply {
  const [usualStatus, errorType, usualMessage] = TRADING_ERRORS[code];
  return json(status ?? usualStatus, { errorType, errorCode: code, errorMessage: message ?? usualMessage });
}

/** Data errors: HTTP status and text. 806 and 814 as recorded, the others as documented. */
const DATA_ERRORS = {
  '804': [400, 'Requested number of instruments exceeds limit'],
  '805': [429, 'Too many requests. Further requests may result in the user being blocked.'],
  '806': [200, 'Data APIs not subscribed'],
  '810': [401, 'Client ID is invalid'],
  '814': [400, 'Invalid Request'],
} as const satisfies Record<string, readonly [number, string]>;

/** The second envelope: `{data: {code: text}, status: "failed"}`. */
export function dataError(code: keyof typeof DATA_ERRORS): Reply {
  const [status, text] = DATA_ERRORS[code];
  return json(status, { data: { [code]: text }, status: 'failed' });
}

/** The third envelope, of the chart calls. */
export function chartError(status: number, internalErrorMessage: string): Reply {
  return json(status, {
    errorCode: 'INTERNAL_SERVER_ERROR',
    httpStatus: status === 400 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR',
    internalErrorCode: 'RS-9005',
    internalErrorMessage,
  });
}

/** The framework's own answer to a path it does not know. */
export function notFound(path: string, atMs: number): Reply {
  return json(404, { timestamp: atMs, status: 404, error: 'Not Found', path });
}
