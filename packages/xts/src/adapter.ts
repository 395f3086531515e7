import { AlgoError } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerCall } from '@algo/core/adapter';
import type { XtsClient } from './client.js';
import type { ResolvedXtsConfig } from './config.js';
import { loadInstruments } from './instruments.js';
import { fromProfile } from './map/from-wire/account.js';
import { fromOrderReply, fromPlaceReply } from './map/from-wire/commands.js';
import { fromOrderBook, fromOrderHistory, fromTrades } from './map/from-wire/orders.js';
import { fromFunds, fromHoldings, fromPositions } from './map/from-wire/portfolio.js';
import type { Reading } from './map/from-wire/reading.js';
import { checkedOrderId, toModifyOrderBody, toPlaceOrderBody } from './map/to-wire.js';
import type { Sender } from './map/to-wire.js';
import type { MarketData } from './market-data.js';
import { sendRaw } from './raw.js';
import type { Sessions } from './session.js';
import { dealtFor } from './transport.js';
import type { Transport } from './transport.js';

export interface AdapterParts {
  readonly config: ResolvedXtsConfig;
  readonly transport: Transport;
  readonly client: XtsClient;
  readonly sessions: Sessions;
  readonly marketData: MarketData;
  readonly reading: Reading;
}

/** One account at a house on XTS: to wire, client, from wire. */
export function createAdapter(parts: AdapterParts): BrokerAdapter {
  const { config, transport, client, sessions, marketData, reading } = parts;
  const { broker } = config;
  const { read } = reading;
  const commands = { read, faults: transport.faults };
  const sender = ({ session }: BrokerCall): Sender => ({ broker, dealtFor: dealtFor(session) });

  return {
    logIn: (credentials, call) => sessions.logIn(credentials, call),
    renew: async () => null, // XTS has none: a new log-in
    logOut: (call) => sessions.logOut(call),
    profile: async (call) => fromProfile(read, await client.profile(call), call.session),

    async placeOrder(command, call) {
      const body = toPlaceOrderBody(command, sender(call));
      const reply = await client.placeOrder(body, call);
      return fromPlaceReply(reply, body.orderUniqueIdentifier, commands);
    },

    async modifyOrder(command, call) {
      const body = toModifyOrderBody(command, sender(call));
      const reply = await client.modifyOrder(body, call);
      return fromOrderReply(reply, command.brokerOrderId, commands);
    },

    async cancelOrder(command, call) {
      const orderId = checkedOrderId(command.brokerOrderId);
      const reply = await client.cancelOrder(orderId, call);
      return fromOrderReply(reply, orderId, commands);
    },

    orderBook: async (call) => fromOrderBook(await client.orders(call), reading),

    async order(brokerOrderId, call) {
      const orderId = checkedOrderId(brokerOrderId);
      return fromOrderHistory(await client.orderHistory(orderId, call), orderId, reading);
    },

    ordersByTag: async () => null, // XTS finds no order by its identifier: core reads the book
    trades: async (call) => fromTrades(await client.trades(call), null, reading),

    async tradesOf(brokerOrderId, call) {
      const orderId = checkedOrderId(brokerOrderId);
      return fromTrades(await client.trades(call), orderId, reading);
    },

    positions: async (call) => fromPositions(await client.positions(call), reading),
    holdings: async (call) => fromHoldings(await client.holdings(call), reading),

    async funds(call) {
      if (dealtFor(call.session) !== null)
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker, what: 'the balance of dealer accounts' });
      return fromFunds(read, await client.balance(call));
    },

    async margin() {
      throw new AlgoError('ALGO_NOT_SUPPORTED', { broker, what: 'the margin of an order' });
    },

    quotes: (listings, detail, call) => marketData.quotes(listings, detail, call),
    candles: (listing, request, call) => marketData.candles(listing, request, call),
    instruments: (call) => loadInstruments(client, config, call),
    raw: (request, call) => sendRaw(transport, request, call),
  };
}
