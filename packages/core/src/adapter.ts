/** The door for broker authors: the contract, the words, and nothing that could place an order. */
export type * from './contract/broker-adapter.js';
export type * from './contract/broker-definition.js';
export type * from './contract/call.js';
export type * from './contract/capabilities.js';
export { checkNames, checkedRates, choice, isCount, rootOf } from './contract/config-check.js';
export type { Root } from './contract/config-check.js';
export type * from './contract/credential-template.js';
export { streamReply } from './contract/http.js';
export type * from './contract/http.js';
export type * from './contract/instrument-master.js';
export type * from './contract/rate-limits.js';
export type * from './contract/redirect-login.js';
export type * from './contract/session.js';
export { createOrderNaming } from './contract/names-order.js';
export { createWireReader, isWireFields, wireField } from './contract/wire-reader.js';
export type { WireFields, WireReader } from './contract/wire-reader.js';
export { formatInstrument, parseInstrument } from './domain/instrument.js';
export type * from './domain/instrument.js';
export type * from './domain/market-data.js';
export type * from './domain/order.js';
export type { RejectReason } from './domain/order-outcome.js';
export type * from './domain/portfolio.js';
export { parsePrice, toPaise, toRupees } from './domain/price.js';
export type { TenThousandths } from './domain/price.js';
export { isIsoDate } from './domain/calendar-day.js';
export { formatIst, parseIst, tradingDayOf } from './domain/time.js';
export { EXCHANGES, ORDER_TYPES, PRODUCTS, SIDES, VALIDITIES } from './domain/vocabulary.js';
export type * from './domain/vocabulary.js';
export { AlgoError, isAlgoError } from './errors/algo-error.js';
export type { AlgoErrorCode, AlgoErrorDetails, Effect, InputProblem, OffTick } from './errors/codes.js';
export {
  bytesAre,
  bytesFinder,
  dateIn,
  isDigits,
  isPadded,
  priceIn,
  splitRow,
  textFields,
  wholeIn,
  withoutZeros,
} from './instruments/row-bytes.js';
export type { InstrumentBook } from './instruments/instrument-book.js';
export { loadInstrumentBook, streamedMaster } from './instruments/streamed-master.js';
export type { MasterParts } from './instruments/streamed-master.js';
export type { Clock, TimerOptions } from './runtime/clock.js';
export type { Logger } from './runtime/logger.js';
export { Secret, isSecret } from './runtime/secret.js';
