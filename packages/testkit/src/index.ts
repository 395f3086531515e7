/** The door for tests: a clock that obeys, and the suite that every broker package has to pass. */
export { createFakeClock, TRADING_DAY_MS } from './fake-clock.js';
export type { FakeClock, RunOptions } from './fake-clock.js';
export { brokerConformance } from './conformance/broker-conformance.js';
export type { TestRunner } from './conformance/runner.js';
export type {
  BrokerSubject,
  CannedReply,
  ConformanceOptions,
  ErrorCase,
  LackableGroup,
  SubjectInstrument,
  SubjectSetup,
  Venue,
  VenueFault,
  VenueFaultKind,
  VenueOperation,
  VenueOrder,
  VenueRequest,
  VenueTrouble,
} from './conformance/subject.js';
export { storeConformance } from './store-conformance/store-conformance.js';
export type { StoreConformanceOptions, StorePlace, StoreSubject } from './store-conformance/subject.js';
