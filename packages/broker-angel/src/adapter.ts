import type { BrokerAdapter, BrokerCall, CancelCommand, Clock, RedirectLogin, Trade } from '@algo/core/adapter';
import type { AngelClient } from './client.js';
import type { ResolvedAngelConfig } from './config.js';
import { loadInstruments } from './instruments.js';
import { fromProfile } from './map/from-wire/account.js';
import { fromOrderReply, fromPlaceReply } from './map/from-wire/commands.js';
import { fromOrderBook, pickOrder, varietyOf } from './map/from-wire/orders.js';
import { fromFunds, fromHoldings, fromMargin, fromPositions } from './map/from-wire/portfolio.js';
import type { Reading } from './map/from-wire/reading.js';
import { fromTrades, readTrades } from './map/from-wire/trades.js';
import { checkedOrderId, toCancelOrderBody, toMarginBody, toModifyOrderBody, toPlaceOrderBody } from './map/to-wire.js';
import { VARIETY_WORDS } from './map/words.js';
import type { MarketData } from './market-data.js';
import { sendRaw } from './raw.js';
import type { Sessions } from './session.js';
import type { Transport } from './transport.js';
import { withinMs } from './waiting.js';

export interface AdapterParts {
  readonly config: ResolvedAngelConfig;
  readonly transport: Transport;
  readonly client: AngelClient;
  readonly sessions: Sessions;
  readonly publisherLogin: RedirectLogin;
  readonly marketData: MarketData;
  readonly reading: Reading;
  readonly clock: Clock;
}

/** One Angel account: to wire, client, from wire. */
export function createAdapter(parts: AdapterParts): BrokerAdapter {
  const { config, transport, client, sessions, publisherLogin, marketData, reading, clock } = parts;
  const { rules } = config;

  const tradesOf = async (orderId: string | null, call: BrokerCall): Promise<readonly Trade[]> => {
    const trades = readTrades(await client.tradeBook(call), orderId, reading);
    const book = trades.needsBook ? await client.orderBook(call) : null;
    return fromTrades(trades, book, clock.now(), reading);
  };

  return {
    logIn: (credentials, call) => sessions.logIn(credentials, call),
    renew: (call) => sessions.renew(call),
    logOut: (call) => sessions.logOut(call),
    redirectLogin: publisherLogin,
    profile: async (call) => fromProfile(await client.profile(call)),

    async placeOrder(command, call) {
      const body = toPlaceOrderBody(command, rules);
      const reply = await client.placeOrder(body, call);
      return fromPlaceReply(reply);
    },

    async modifyOrder(command, call) {
      const body = toModifyOrderBody(command, rules);
      const reply = await client.modifyOrder(body, call);
      return fromOrderReply('modify', reply, body.orderid);
    },

    async cancelOrder(command, call) {
      const orderId = checkedOrderId(command.brokerOrderId);
      const body = toCancelOrderBody(orderId, await varietyFor(command, call, parts));
      const reply = await client.cancelOrder(body, call);
      return fromOrderReply('cancel', reply, orderId);
    },

    orderBook: async (call) => fromOrderBook(await client.orderBook(call), reading),

    async order(brokerOrderId, call) {
      const orderId = checkedOrderId(brokerOrderId);
      return pickOrder(fromOrderBook(await client.orderBook(call), reading), orderId);
    },

    ordersByTag: async () => null, // Angel has no look-up by tag: core reads the book
    trades: (call) => tradesOf(null, call),
    tradesOf: (brokerOrderId, call) => tradesOf(brokerOrderId, call),

    positions: async (call) => fromPositions(await client.position(call), reading),
    holdings: async (call) => fromHoldings(await client.holding(call), reading),
    funds: async (call) => fromFunds(await client.rms(call)),

    async margin(order, call) {
      const body = toMarginBody(order, rules);
      return fromMargin(await client.margin(body, call));
    },

    quotes: (listings, detail, call) => marketData.quotes(listings, detail, call),
    candles: (listing, request, call) => marketData.candles(listing, request, call),
    instruments: (call) => loadInstruments(client, config, call),
    raw: (request, call) => sendRaw(transport, request, call),
  };
}

/**
 * The variety a cancel has to name. Where our journal does not know the order, the book is asked, for half of the time
 * that is left at most: a cancel goes all the same, and most orders are NORMAL.
 */
async function varietyFor(
  { brokerOrderId, order }: CancelCommand,
  call: BrokerCall,
  { client, clock, reading }: AdapterParts,
): Promise<string> {
  if (order !== null) return VARIETY_WORDS[order.type];
  const asked = client.orderBook(call).then((book) => varietyOf(book, brokerOrderId));
  const variety = await withinMs(call.remainingMs() / 2, asked, null, clock);
  if (variety === null) reading.logger.warn('angel.variety-not-found', { orderId: brokerOrderId });
  return variety ?? VARIETY_WORDS.LIMIT;
}
