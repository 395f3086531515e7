import type { Secret } from '../runtime/secret.js';
import type { BrokerCall } from './call.js';
import type { BrokerSession, Credentials } from './session.js';

/** A log-in that a person makes on the broker's own page. */
export interface RedirectLogin {
  /** @param state one use, unguessable; the broker's page gives it back where it can */
  begin(credentials: Credentials, state: string, call: BrokerCall): Promise<RedirectBegun>;
  /**
   * @param returned the query of the host's callback, as the broker's page called it
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when the page says no, or what it says is not enough
   */
  complete(
    credentials: Credentials,
    returned: Readonly<Record<string, string>>,
    begun: RedirectBegun,
    call: BrokerCall,
  ): Promise<BrokerSession>;
}

export interface RedirectBegun {
  /** Where the person's browser goes. */
  readonly url: string;
  /** What `complete` needs to find again; never shown. */
  readonly memo: Readonly<Record<string, Secret>>;
  /** Whether the page gives our state back; where it does not, the callback cannot be told from a forged one. */
  readonly returnsState: boolean;
}
