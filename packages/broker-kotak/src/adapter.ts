import type { BrokerAdapter } from '@algo/core/adapter';
import type { KotakClient } from './client.js';
import type { ResolvedKotakConfig } from './config.js';
import { loadInstruments } from './instruments.js';
import { toProfile } from './map/from-wire/account.js';
import { fromOrderReply, fromPlaceReply } from './map/from-wire/commands.js';
import { fromOneOrder, fromOrderBook, fromTrades } from './map/from-wire/orders.js';
import { fromHoldings, fromLimits, fromMargin, fromPositions } from './map/from-wire/portfolio.js';
import type { Reading } from './map/from-wire/reading.js';
import { checkedOrderId, toCancelOrderBody, toMarginBody, toModifyOrderBody, toPlaceOrderBody } from './map/to-wire.js';
import type { MarketData } from './market-data.js';
import { sendRaw } from './raw.js';
import type { Sessions } from './session.js';
import type { Transport } from './transport.js';

export interface AdapterParts {
  readonly config: ResolvedKotakConfig;
  readonly transport: Transport;
  readonly client: KotakClient;
  readonly sessions: Sessions;
  readonly marketData: MarketData;
  readonly reading: Reading;
}

/** One Kotak account: to wire, client, from wire. */
export function createAdapter(parts: AdapterParts): BrokerAdapter {
  const { config, transport, client, sessions, marketData, reading } = parts;

  return {
    logIn: (credentials, call) => sessions.logIn(credentials, call),
    renew: async () => null, // a session is not extended: a new log-in makes a new one
    logOut: async () => false, // Kotak has none

    async profile(call) {
      fromLimits(await client.limits(call)); // there is no profile to read; this shows that the session works
      return toProfile(call.session);
    },

    async placeOrder(command, call) {
      return fromPlaceReply(await client.placeOrder(toPlaceOrderBody(command), call));
    },

    async modifyOrder(command, call) {
      const body = toModifyOrderBody(command);
      return fromOrderReply(await client.modifyOrder(body, call), body.no);
    },

    async cancelOrder(command, call) {
      const body = toCancelOrderBody(command.brokerOrderId);
      return fromOrderReply(await client.cancelOrder(body, call), body.on);
    },

    orderBook: async (call) => fromOrderBook(await client.orders(call), reading),

    async order(brokerOrderId, call) {
      return fromOneOrder(await client.order(checkedOrderId(brokerOrderId), call), brokerOrderId, reading);
    },

    ordersByTag: async () => null, // Kotak finds no order by tag

    trades: async (call) => fromTrades(await client.trades(call), null, reading),

    async tradesOf(brokerOrderId, call) {
      const orderId = checkedOrderId(brokerOrderId);
      return fromTrades(await client.trades(call), orderId, reading); // there is no narrower question
    },

    positions: async (call) => fromPositions(await client.positions(call), reading),
    holdings: async (call) => fromHoldings(await client.holdings(call), reading),
    funds: async (call) => fromLimits(await client.limits(call)),
    margin: async (order, call) => fromMargin(await client.margin(toMarginBody(order), call)),

    quotes: (listings, detail, call) => marketData.quotes(listings, detail, call),
    candles: (listing, request, call) => marketData.candles(listing, request, call),
    instruments: (call) => loadInstruments(client, config, reading.logger, call),
    raw: (request, call) => sendRaw(transport, request, call),
  };
}
