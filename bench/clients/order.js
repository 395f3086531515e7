/** The one order everybody places; number n tells its copies apart. */

export const CLIENT_ID = '1000000003';

/** Shaped like Dhan's token and signed by nobody: good until 2037. */
export const TOKEN = [
  { typ: 'JWT', alg: 'HS512' },
  {
    iss: 'dhan',
    partnerId: '',
    exp: 2_114_380_800,
    iat: 1_795_000_000,
    tokenConsumerType: 'SELF',
    webhookUrl: '',
    dhanClientId: CLIENT_ID,
  },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat('c2lnbmF0dXJl'.repeat(7))
  .join('.');

/** 15 characters, as many as a tag of ours has. @param {number} number */
export const tagOf = (number) => `BENCH${String(number).padStart(10, '0')}`;

/** What Dhan's place takes, in the field order our adapter uses. @param {number} number */
export const dhanBody = (number) =>
  JSON.stringify({
    dhanClientId: CLIENT_ID,
    correlationId: tagOf(number),
    transactionType: 'BUY',
    exchangeSegment: 'NSE_EQ',
    productType: 'CNC',
    orderType: 'LIMIT',
    validity: 'DAY',
    securityId: '2885',
    quantity: 10,
    price: 1430.5,
  });

/** Names and values in turn, as our adapter hands them to undici. */
export const DHAN_HEADERS = ['access-token', TOKEN, 'content-type', 'application/json', 'accept', 'application/json'];
