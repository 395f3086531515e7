export type { SimulatorClock } from './clock.js';
export { fixedClock, runningClock } from './clock.js';
export { main } from './command.js';
export type { DhanCredentials } from './dhan/dhan.js';
export type { DhanAccountOptions, DhanOptions, RateFamily, RateWindow } from './dhan/options.js';
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
export type { Simulator, SimulatorOptions } from './simulator.js';
export { startSimulator } from './simulator.js';
