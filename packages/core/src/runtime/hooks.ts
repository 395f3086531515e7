import type {
  BreakerMessage,
  CallMessage,
  ConnectionMessage,
  OrderMessage,
  RateMessage,
  SessionMessage,
} from './diagnostics-messages.js';

/**
 * Callbacks of a host for its logs and metrics, called in the midst of the work: keep them short. One that throws, or
 * rejects, is logged and harms nothing. No message carries a secret, a header or a body.
 */
export interface AlgoHooks {
  readonly onCall?: (message: CallMessage) => void;
  readonly onOrder?: (message: OrderMessage) => void;
  readonly onSession?: (message: SessionMessage) => void;
  readonly onConnection?: (message: ConnectionMessage) => void;
  readonly onBreaker?: (message: BreakerMessage) => void;
  readonly onRate?: (message: RateMessage) => void;
}
