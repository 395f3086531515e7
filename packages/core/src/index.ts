/** The door for hosts: everything a bot needs to trade. */
export { createAlgo } from './app/create-algo.js';
export type { Algo } from './app/create-algo.js';
export type { ConnectionManager, ConnectionReport, ManagerEvents } from './app/connection-manager.js';
export type { AuditDesk, AuditFilter } from './app/audit-desk.js';
export type { ChangedBy } from './app/audit-entry.js';
export type { BrokerDeletion, BrokerDesk, BrokerSetting, DeleteBrokerOptions } from './app/broker-desk.js';
export type { ConfigurationDesk, ConfigurationEntry, ConfigurationPut } from './app/configuration-desk.js';
export type { CredentialDesk, CredentialReport } from './app/credential-desk.js';
export type { CredentialExplanation, ExplainedMethod } from './app/credential-explanation.js';
export type { CredentialState } from './app/credential-state.js';
export type { DiagnoseOptions } from './app/support-desk.js';
export type {
  ConnectionTest,
  ConnectionTestRequest,
  ConnectionTestResult,
  ConnectionTestStep,
} from './app/test-connection.js';
export type { StartOptions, StartReport, StartResult, UserStatus } from './app/user-life.js';
export type { AlgoOptions, CacheOptions, EnvironmentOptions } from './config/algo-options.js';
export type {
  ConnectionOptions,
  EgressOptions,
  HealthOptions,
  LimitOptions,
  SessionOptions,
  WarmUpOptions,
} from './config/connection-options.js';
export type { CacheMetrics } from './connection/session-cache.js';
export { environmentKeys } from './vault/environment-keys.js';
export type { EnvironmentKeysOptions } from './vault/environment-keys.js';
export { fileKey } from './vault/file-key.js';
export { keyring } from './vault/keyring.js';
export type { KeyringOptions } from './vault/keyring.js';
export { kmsKey } from './vault/kms-key.js';
export type { KmsKeyOptions } from './vault/kms-key.js';
export { passphraseKey } from './vault/passphrase-key.js';
export type { PassphraseKeyOptions } from './vault/passphrase-key.js';
export type { RotateKeysOptions, RotationReport, UndecryptableRecord } from './vault/rotate-sealed.js';
export type { BrokerConnection } from './connection/broker-connection.js';
export type { ConnectionInstruments, InstrumentReport } from './connection/connection-instruments.js';
export type { CheckResult, CheckStep, ConnectionCheck } from './connection/connection-check.js';
export type { ConnectionSeverity } from './connection/connection-severity.js';
export type { EgressReport } from './connection/egress-check.js';
export type { ClockReading } from './connection/clock-offset.js';
export type {
  BreakerFacts,
  CredentialFacts,
  Diagnosis,
  DiagnosisFacts,
  EgressFacts,
  HostFacts,
  LiveFacts,
  SessionFacts,
} from './connection/diagnosis-facts.js';
export type { FaultNote } from './connection/diagnosis-faults.js';
export type { Finding, FindingCode } from './connection/diagnosis-findings.js';
export type { HostVisit, NetworkProbe, VisitOptions } from './connection/diagnosis-probe.js';
export type { ConnectionState, ConnectionStatus, ConnectStep } from './connection/connection-state.js';
export type { Alert, AlertKind, AlertSeverity, HealthThresholds, Threshold } from './connection/health-alerts.js';
export type { HealthPoint } from './connection/health-history.js';
export type { BrokerHealthMetrics, ConnectionQuality } from './connection/health-monitor.js';
export type { RawReply, RawRequest } from './contract/broker-adapter.js';
export type { BrokerDefinition, MaintenanceWindow } from './contract/broker-definition.js';
export type { BrokerCapabilities, OrderIdentityGrade } from './contract/capabilities.js';
export type { Egress, EgressProxy } from './contract/egress.js';
export type { CredentialField, CredentialTemplate, LoginMethod } from './contract/credential-template.js';
export type { CredentialStore, CredentialSummary } from './contract/credential-store.js';
export type { Lane } from './contract/http.js';
export type { KeyProvider, LocalKey, MasterKey, RemoteKey } from './contract/key-provider.js';
export type { AttemptState, CommandKind } from './contract/order-journal.js';
export type { AccountKey, Store, StoreDefinition } from './contract/store.js';
export { formatInstrument, parseInstrument } from './domain/instrument.js';
export type { InstrumentQuery } from './domain/instrument-query.js';
export type { Contract, InstrumentId, Listing, QuantityUnit } from './domain/instrument.js';
export type * from './domain/market-data.js';
export { isTerminal } from './domain/order.js';
export type {
  BrokerOrder,
  CancelRequest,
  ConnectionRef,
  ModifyRequest,
  OrderRequest,
  OrderStatus,
} from './domain/order.js';
export type * from './domain/order-outcome.js';
export type * from './domain/portfolio.js';
export type * from './domain/vocabulary.js';
export { AlgoError, isAlgoError } from './errors/algo-error.js';
export type { AnyAlgoError } from './errors/algo-error.js';
export type { AlgoErrorCode, AlgoErrorDetails, Effect, InputProblem, OffTick } from './errors/codes.js';
export type { InstrumentProvenance, LoadOptions } from './instruments/instrument-book.js';
export type { OrderEvents } from './orders/order-events.js';
export type { Orders, TrackedOrder } from './orders/order-desk.js';
export type { BreakerState } from './resilience/circuit-breaker.js';
export type { RateWindow } from './contract/rate-limits.js';
export type { RateReport, UserRates } from './transport/rate-desk.js';
export type { AccountReads } from './routing/account-reads.js';
export type {
  FailoverAction,
  FailoverRecovery,
  FailoverRule,
  FailoverStrategy,
  Reading,
  RuleThen,
} from './routing/failover-strategy.js';
export type { FailoverConfirmation, FailoverMade, FailoverPreview, FailoverTo } from './routing/manual-failover.js';
export type { MarketReads } from './routing/read-router.js';
export type { RoutingStatus } from './routing/router.js';
export type { RoutingEvents } from './routing/routing-events.js';
export { systemClock } from './runtime/clock.js';
export type { Clock, TimerOptions } from './runtime/clock.js';
export type { EventStream, EventStreamOptions } from './runtime/event-stream.js';
export type * from './runtime/diagnostics-messages.js';
export type { AlgoHooks } from './runtime/hooks.js';
export type { LogFields, Logger } from './runtime/logger.js';
export type { Random } from './runtime/random.js';
export { Secret, isSecret } from './runtime/secret.js';
export { memoryStore } from './stores/memory-store.js';
export type { MemoryStoreOptions } from './stores/memory-store.js';
export { mixStores } from './stores/mix-stores.js';
export type { StoreFacet } from './stores/mix-stores.js';
