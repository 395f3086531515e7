/** The door for store authors: the facets and the shapes that pass through them. */
export type * from './contract/credential-store.js';
export { ATTEMPT_STATES } from './contract/order-journal.js';
export type * from './contract/order-journal.js';
export type * from './contract/session-store.js';
export type * from './contract/store.js';
export type { BrokerOrder } from './domain/order.js';
export { AlgoError, isAlgoError } from './errors/algo-error.js';
export type { AlgoErrorCode, AlgoErrorDetails, Effect, InputProblem, OffTick } from './errors/codes.js';
export { memoryStore } from './stores/memory-store.js';
