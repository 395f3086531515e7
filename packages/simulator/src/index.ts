export type { SimulatorClock } from './clock.js';
export { fixedClock, runningClock } from './clock.js';
export { main } from './command.js';
export type { AngelCredentials, AngelReach } from './angel/angel.js';
export type { AngelAccountOptions, AngelFamily, AngelOptions } from './angel/options.js';
export type { DhanCredentials, DhanReach } from './dhan/dhan.js';
export type { DhanAccountOptions, DhanOptions, RateFamily } from './dhan/options.js';
export type { JainamCredentials, JainamReach } from './jainam/jainam.js';
export type { JainamAccountOptions, JainamFamily, JainamOptions } from './jainam/options.js';
export type { KotakCredentials, KotakReach } from './kotak/kotak.js';
export type { KotakAccountOptions, KotakFamily, KotakOptions } from './kotak/options.js';
export type { RateLimitSetting, RateWindow, RateWindows } from './rate-limits.js';
export type { SimulatorExchange } from './exchange-door.js';
export type { Contract, Instrument, Segment } from './exchange/instrument.js';
export type { LedgerEntry } from './exchange/ledger.js';
export type {
  Order,
  OrderStatus,
  OrderTicket,
  OrderType,
  Product,
  Rejection,
  Side,
  Trade,
  Validity,
} from './exchange/order.js';
export type { Fault, FaultKind, FaultMatch, FaultTiming } from './server/faults.js';
export {
  cutBody,
  dropReplyAfter,
  emptyBook,
  expiredToken,
  garbage,
  hang,
  htmlPage,
  lateVisibility,
  rateLimited,
  resetBefore,
  serverErrorAfter,
  serverErrorBefore,
  slow,
  staleBook,
} from './server/faults.js';
export { OPERATIONS } from './server/operations.js';
export type { Operation } from './server/operations.js';
export type { ReceivedRequest } from './server/received.js';
export type { BrokerName, Simulator, SimulatorOptions } from './simulator.js';
export { startSimulator } from './simulator.js';
