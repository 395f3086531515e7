import type { BrokerAdapter, RedirectLogin } from '@algo/core/adapter';
import type { DhanClient } from './client.js';
import type { ResolvedDhanConfig } from './config.js';
import { loadInstruments } from './instruments.js';
import { fromProfile, fromStaticIp } from './map/from-wire/account.js';
import { fromOrderReply, fromPlaceReply } from './map/from-wire/commands.js';
import { fromOneOrder, fromOrderBook, fromTaggedOrders, fromTrades } from './map/from-wire/orders.js';
import { fromFunds, fromHoldings, fromMargin, fromPositions } from './map/from-wire/portfolio.js';
import type { Reading } from './map/from-wire/reading.js';
import { checkedOrderId, checkedTag, toMarginBody, toModifyOrderBody, toPlaceOrderBody } from './map/to-wire.js';
import type { MarketData } from './market-data.js';
import { sendRaw } from './raw.js';
import type { Sessions } from './session.js';
import type { Transport } from './transport.js';

export interface AdapterParts {
  readonly config: ResolvedDhanConfig;
  readonly transport: Transport;
  readonly client: DhanClient;
  readonly sessions: Sessions;
  readonly redirectLogin: RedirectLogin;
  readonly marketData: MarketData;
  readonly reading: Reading;
}

/** One Dhan account: to wire, client, from wire. */
export function createAdapter(parts: AdapterParts): BrokerAdapter {
  const { config, transport, client, sessions, redirectLogin, marketData, reading } = parts;
  return {
    logIn: (credentials, call) => sessions.logIn(credentials, call),
    renew: (call) => sessions.renew(call),
    logOut: async () => false, // Dhan has none
    redirectLogin,
    profile: async (call) => fromProfile(await client.profile(call)),
    egress: async (call) => fromStaticIp(await client.staticIp(call)),

    async placeOrder(command, call) {
      const body = toPlaceOrderBody(command, call.session.clientId);
      const reply = await client.placeOrder(body, call);
      return fromPlaceReply(reply);
    },

    async modifyOrder(command, call) {
      const body = toModifyOrderBody(command, call.session.clientId);
      const reply = await client.modifyOrder(body, call);
      return fromOrderReply(reply, body.orderId);
    },

    async cancelOrder(command, call) {
      const orderId = checkedOrderId(command.brokerOrderId);
      const reply = await client.cancelOrder(orderId, call);
      return fromOrderReply(reply, orderId);
    },

    orderBook: async (call) => fromOrderBook(await client.orders(call), reading),

    async order(brokerOrderId, call) {
      const body = await client.order(checkedOrderId(brokerOrderId), call);
      return fromOneOrder(body, brokerOrderId, reading);
    },

    async ordersByTag(tag, call) {
      const body = await client.ordersByCorrelationId(checkedTag(tag), call);
      return fromTaggedOrders(body, tag, reading);
    },

    trades: async (call) => fromTrades(await client.trades(call), null, reading),

    async tradesOf(brokerOrderId, call) {
      const body = await client.tradesOfOrder(checkedOrderId(brokerOrderId), call);
      return fromTrades(body, brokerOrderId, reading);
    },

    positions: async (call) => fromPositions(await client.positions(call), reading),

    holdings: async (call) => fromHoldings(await client.holdings(call), reading),
    funds: async (call) => fromFunds(await client.fundLimit(call)),

    async margin(order, call) {
      const body = toMarginBody(order, call.session.clientId);
      return fromMargin(await client.margin(body, call));
    },

    quotes: (listings, detail, call) => marketData.quotes(listings, detail, call),
    candles: (listing, request, call) => marketData.candles(listing, request, call),
    instruments: (call) => loadInstruments(client, config, call),
    raw: (request, call) => sendRaw(transport, request, call),
  };
}
