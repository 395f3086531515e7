/** What the stub answers, by request line. Every place is given an order id of its own. */

const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The compact master's header with a few shares. */
const MASTER = [
  'SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,' +
    'SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,' +
    'SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME',
  'NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD',
  'NSE,E,11536,EQUITY,0,TCS,1.0,Tata Consultancy Services,,,,10.0000,NA,ES,EQ,TATA CONSULTANCY SERV LT',
  'NSE,E,3045,EQUITY,0,SBIN,1.0,State Bank of India,,,,5.0000,NA,ES,EQ,STATE BANK OF INDIA',
  '',
].join('\n');

const PROFILE = {
  dhanClientId: '1000000003',
  tokenValidity: '30/03/2037 15:37',
  activeSegment: 'Equity, Derivative, Currency, Commodity',
  dataPlan: 'Active',
};

const BOOK = [
  {
    dhanClientId: '1000000003',
    orderId: '112111182198',
    correlationId: 'elsewhere-1',
    orderStatus: 'PENDING',
    transactionType: 'BUY',
    exchangeSegment: 'NSE_EQ',
    productType: 'INTRADAY',
    orderType: 'LIMIT',
    validity: 'DAY',
    tradingSymbol: 'TCS',
    securityId: '11536',
    quantity: 5,
    price: 3000,
    triggerPrice: 0,
    createTime: '2026-11-20 10:00:00',
    updateTime: '2026-11-20 10:00:00',
    exchangeTime: '2026-11-20 10:00:00',
    remainingQuantity: 5,
    averageTradedPrice: 0,
    filledQty: 0,
  },
];

const json = (value) => reply(200, 'application/json', JSON.stringify(value));

const READS = {
  'GET /v2/profile': json(PROFILE),
  'GET /v2/orders': json(BOOK),
  'GET /master.csv': reply(200, 'text/csv', MASTER),
};

let lastId = 0;
const nextId = () => String(1_126_112_000_000 + (lastId += 1));

/** How each broker acknowledges an order. */
const PLACES = {
  'POST /v2/orders': () => `{"orderId":"${nextId()}","orderStatus":"PENDING"}`,
  'POST /orders/regular': () => `{"status":"success","data":{"order_id":"${nextId()}"}}`,
  'POST /rest/secure/angelbroking/order/v1/placeOrder': () => {
    const id = nextId();
    return `{"status":true,"message":"SUCCESS","errorcode":"","data":{"script":"RELIANCE-EQ","orderid":"${id}","uniqueorderid":"${id}"}}`;
  },
  'POST /interactive/orders': () =>
    `{"type":"success","code":"s-orders-0001","description":"Request sent","result":{"AppOrderID":${nextId()}}}`,
};

/** Each broker's own way to refuse an order, with status 400. */
const REFUSALS = {
  'POST /v2/orders':
    '{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Insufficient funds for this order"}',
  'POST /orders/regular':
    '{"status":"error","message":"Insufficient funds for this order","error_type":"MarginException"}',
  'POST /rest/secure/angelbroking/order/v1/placeOrder':
    '{"status":false,"message":"Insufficient funds for this order","errorcode":"AB4008","data":null}',
  'POST /interactive/orders':
    '{"type":"error","code":"e-orders-0001","description":"Insufficient funds for this order"}',
};

/** @param {string} line method and path */
export const isPlace = (line) => Object.hasOwn(PLACES, line);

/** The reply to a place or a read; 404 for what nobody was expected to ask. */
export function replyTo(line) {
  const place = PLACES[line];
  if (place !== undefined) return reply(200, 'application/json', place());
  return READS[line] ?? reply(404, 'application/json', '{}');
}

export const refusalTo = (line) => reply(400, 'application/json', REFUSALS[line]);

/** @param {number} status */
export function reply(status, type, body) {
  return (
    `HTTP/1.1 ${status} ${REASONS[status]}\r\ncontent-type: ${type}\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: keep-alive\r\n\r\n${body}`
  );
}
