import { channel } from 'node:diagnostics_channel';
import type { DiagnosticsChannel, DiagnosticsMessages } from './diagnostics-messages.js';
import type { AlgoHooks } from './hooks.js';
import type { Random } from './random.js';

/** Where messages of one kind leave: a channel of `node:diagnostics_channel`, and the host's hook. */
export interface Outlet<Message> {
  /** False while nobody listens. Ask before a message is made: then it costs nothing. */
  readonly wanted: boolean;
  tell(message: WithoutManager<Message>): void;
}

/** Distributes over a union, which `Omit` does not. */
export type WithoutManager<Message> = Message extends unknown ? Omit<Message, 'manager'> : never;

/** What happens on the call path of one manager, for whoever listens. */
export interface Diagnostics {
  readonly call: Outlet<DiagnosticsMessages['algo:call']>;
  readonly order: Outlet<DiagnosticsMessages['algo:order']>;
  readonly session: Outlet<DiagnosticsMessages['algo:session']>;
  readonly connection: Outlet<DiagnosticsMessages['algo:connection']>;
  readonly breaker: Outlet<DiagnosticsMessages['algo:breaker']>;
  readonly rate: Outlet<DiagnosticsMessages['algo:rate']>;
}

export interface DiagnosticsOptions {
  /** Opaque and unique in the process; says which manager a message is of. */
  readonly manager: string;
  readonly hooks?: AlgoHooks | undefined;
  readonly onHookError: (name: DiagnosticsChannel, error: unknown) => void;
}

/**
 * The outlets of one manager. A hook that throws is reported and reaches nobody. A channel's subscriber that throws is
 * Node's to deal with: it ends the process as any uncaught error does.
 */
export function createDiagnostics({ manager, hooks = {}, onHookError }: DiagnosticsOptions): Diagnostics {
  const outlet = <Name extends DiagnosticsChannel>(
    name: Name,
    hook: ((message: DiagnosticsMessages[Name]) => unknown) | undefined,
  ): Outlet<DiagnosticsMessages[Name]> => {
    const subscribers = channel(name);
    const isHooked = typeof hook === 'function';
    return {
      get wanted() {
        return isHooked || subscribers.hasSubscribers;
      },
      tell(message) {
        const whole: unknown = { manager, ...message };
        if (subscribers.hasSubscribers) subscribers.publish(whole);
        if (isHooked)
          isolated(
            () => Reflect.apply(hook, undefined, [whole]),
            (error) => onHookError(name, error),
          );
      },
    };
  };
  return {
    call: outlet('algo:call', hooks.onCall),
    order: outlet('algo:order', hooks.onOrder),
    session: outlet('algo:session', hooks.onSession),
    connection: outlet('algo:connection', hooks.onConnection),
    breaker: outlet('algo:breaker', hooks.onBreaker),
    rate: outlet('algo:rate', hooks.onRate),
  };
}

/** What a host's function throws, now or later, stays its own. */
function isolated(run: () => unknown, onError: (error: unknown) => void): void {
  try {
    const returned = run();
    if (returned instanceof Promise) returned.catch(onError);
  } catch (error) {
    onError(error);
  }
}

/** A name that tells nothing, for messages that everybody in the process may hear. */
export function opaqueId(random: Random): string {
  const bytes = Buffer.alloc(8);
  random.fill(bytes);
  return bytes.toString('hex');
}
