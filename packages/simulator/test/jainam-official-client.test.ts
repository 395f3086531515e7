import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { startedJainam } from './jainam-support.js';
import { rowOf, rowsOf } from './support.js';

type Answer = Readonly<Record<string, unknown>>;
type Ask = (request?: unknown) => Promise<Answer>;

/** What this test uses of `xts-interactive-api` 3.0.3, Symphony's own client, which has no types. */
interface OfficialClient {
  readonly userID: string;
  readonly isInvestorClient: boolean;
  readonly clientCodes: readonly string[];
  readonly logIn: Ask;
  readonly logOut: Ask;
  readonly getProfile: Ask;
  readonly getBalance: Ask;
  readonly getHoldings: Ask;
  readonly getPositions: Ask;
  readonly getEnums: Ask;
  readonly getOrderBook: Ask;
  readonly getOrderHistory: Ask;
  readonly getTradeBook: Ask;
  readonly placeOrder: Ask;
  readonly modifyOrder: Ask;
  readonly cancelOrder: Ask;
  readonly placeCoverOrder: Ask;
  readonly bracketOrder: Ask;
  readonly positionConversion: Ask;
  readonly exchangeStatus: Ask;
  readonly exchangeMessage: Ask;
}

const { Interactive } = createRequire(import.meta.url)('xts-interactive-api') as {
  readonly Interactive: new (url: string) => OfficialClient;
};

const good = (answer: Answer): unknown => {
  expect(answer).toMatchObject({ type: 'success' });
  return answer['result'];
};

/** It resolves with an object of its own where it was refused. */
const refusedWith = (answer: Answer): string => {
  expect(answer['name']).toBe('CustomError');
  return String(rowOf(answer['error'])['message']);
};

test('the official client trades a day', async () => {
  const account = { clientId: 'A1', holdings: [{ instrument: 'TCS', quantity: 5, averagePrice: 3000 }] };
  const { simulator } = await startedJainam(onTestFinished, { account });
  const { baseUrl, credentials } = simulator.jainam;
  const { interactiveApiKey: appKey, interactiveApiSecret: secretKey } = credentials;
  const client = new Interactive(baseUrl);
  expect(refusedWith(await client.logIn({ secretKey: 'wrong', appKey, source: 'WEBAPI' }))).toContain('invalid');
  good(await client.logIn({ secretKey, appKey, source: 'WEBAPI' }));
  expect([client.userID, client.isInvestorClient, client.clientCodes]).toEqual(['A1', true, ['A1']]);
  const clientID = client.userID;

  expect(good(await client.getProfile({ clientID }))).toMatchObject({ ClientId: 'A1' });
  expect(good(await client.getBalance())).toHaveProperty('BalanceList');
  expect(good(await client.getHoldings({ clientID }))).toHaveProperty('RMSHoldings');
  good(await client.getEnums({ userID: clientID }));
  good(await client.exchangeStatus({ userID: clientID }));
  good(await client.exchangeMessage({ exchangeSegment: 'NSECM' }));
  expect(refusedWith(await client.getOrderBook())).toContain('Data Not Available');

  const order = {
    exchangeSegment: 'NSECM',
    exchangeInstrumentID: 2885,
    productType: 'NRML',
    orderType: 'LIMIT',
    orderSide: 'BUY',
    timeInForce: 'DAY',
    disclosedQuantity: 0,
    orderQuantity: 20,
    limitPrice: 1390.0,
    stopPrice: 1600.0,
    orderUniqueIdentifier: '45485',
    clientID,
  };
  const { AppOrderID: appOrderID } = rowOf(good(await client.placeOrder(order)));
  expect(rowsOf(good(await client.getOrderBook()))[0]).toMatchObject({ AppOrderID: appOrderID, OrderStatus: 'New' });
  good(
    await client.modifyOrder({
      appOrderID,
      modifiedProductType: 'NRML',
      modifiedOrderType: 'LIMIT',
      modifiedOrderQuantity: 30,
      modifiedDisclosedQuantity: 0,
      modifiedLimitPrice: 1385,
      modifiedStopPrice: 300,
      modifiedTimeInForce: 'DAY',
      orderUniqueIdentifier: '454845',
      clientID,
    }),
  );
  expect(rowsOf(good(await client.getOrderHistory(appOrderID))).at(-1)).toMatchObject({ OrderQuantity: 30 });
  good(await client.cancelOrder({ appOrderID, orderUniqueIdentifier: 155151 })); // and "undefined" for the client

  good(await client.placeOrder({ ...order, orderType: 'MARKET' }));
  expect(rowsOf(good(await client.getTradeBook()))).toHaveLength(1);
  expect(rowsOf(good(await client.getTradeBook({ clientID })))).toHaveLength(1);
  const { positionList } = rowOf(good(await client.getPositions({ dayOrNet: 'NetWise' })));
  expect(rowsOf(positionList)[0]).toMatchObject({ ExchangeInstrumentId: '2885', Quantity: '20' });

  const special = { ...order, orderSide: 'Buy', squarOff: '1', stopLossPrice: 1, trailingStoploss: 0 };
  expect(refusedWith(await client.placeCoverOrder(special))).toContain('not enabled');
  expect(refusedWith(await client.bracketOrder(special))).toContain('not enabled');
  expect(refusedWith(await client.positionConversion({ targetQty: '1' }))).toContain('not enabled');

  good(await client.logOut());
  expect(refusedWith(await client.getOrderBook())).toContain('e-session-0005');
  expect(simulator.ledger().map(({ quantity }) => quantity)).toEqual([20, 20]);
});
