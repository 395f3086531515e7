/** Whose it is. `manager` is an opaque id of the manager (`createAlgo`) in this process: channels are process-wide. */
export interface MessageOwner {
  readonly manager: string;
  readonly userId: string;
  readonly broker: string;
  readonly account: string;
}

/** A call to a broker began, or ended. Retries of a read are calls of their own. */
export type CallMessage = MessageOwner & {
  /** The same in both messages of one call; unique within the connection. */
  readonly id: number;
  /** `orders`, `reads`, `data` or `auth`. */
  readonly lane: string;
  /** `place`-like commands by their rank (`cancel`, `exit`, `modify`, `entry`), else `read`, `data` or `log-in`. */
  readonly operation: string;
} & (
    | { readonly phase: 'start' }
    | {
        readonly phase: 'end';
        readonly tookMs: number;
        /** `answered` also for a broker that said no; `not-sent` when it never left our own line. */
        readonly outcome: 'answered' | 'failed' | 'unknown' | 'not-sent';
        /** The error's code where there was one. */
        readonly code: string | null;
      }
  );

/** An attempt of an order command moved to another state. */
export type OrderMessage = MessageOwner & {
  readonly clientOrderId: string;
  readonly command: string;
  readonly state: string;
  readonly brokerOrderId: string | null;
  readonly atMs: number;
};

export type SessionMessage = MessageOwner &
  (
    | { readonly what: 'lost' | 'renewed' }
    | { readonly what: 'not-renewed'; readonly code: string }
    | { readonly what: 'login-needed'; readonly endsAtMs: number | null }
    | { readonly what: 'taken-over'; readonly times: number; readonly stopped: boolean }
  );

export type ConnectionMessage = MessageOwner & {
  readonly status: string;
  readonly previous: string;
  readonly sinceMs: number;
  /** Why, while the status is `error`. */
  readonly code: string | null;
};

export type BreakerMessage = MessageOwner & {
  readonly lane: string;
  /** `closed`, `open`, `half-open` or `trial`. */
  readonly state: string;
  readonly previous: string;
  /** Until when it is open, epoch milliseconds; null when it is not, or until it is closed by hand. */
  readonly untilMs: number | null;
  readonly openings: number;
};

/** A call had to wait for its turn in a rate window, or did not get one. */
export type RateMessage = MessageOwner & {
  readonly lane: string;
  readonly operation: string;
} & (
    | { readonly what: 'waited'; readonly waitedMs: number }
    | { readonly what: 'refused'; readonly family: string; readonly retryAfterMs: number }
  );

/** Every channel of `node:diagnostics_channel` that the SDK publishes on, and what it carries. */
export interface DiagnosticsMessages {
  readonly 'algo:call': CallMessage;
  readonly 'algo:order': OrderMessage;
  readonly 'algo:session': SessionMessage;
  readonly 'algo:connection': ConnectionMessage;
  readonly 'algo:breaker': BreakerMessage;
  readonly 'algo:rate': RateMessage;
}

export type DiagnosticsChannel = keyof DiagnosticsMessages;
