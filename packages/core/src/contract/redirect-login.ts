import type { Secret } from '../runtime/secret.js';
import type { BrokerCall } from './call.js';
import type { BrokerSession, Credentials } from './session.js';

/** A log-in that a person makes on the broker's own page. */
export interface RedirectLogin {
  /**
   * @param state one use, unguessable; the broker's page gives it back where it can
   * @param pkce for brokers that have it: goes into the address of the page
   */
  begin(credentials: Credentials, state: string, call: BrokerCall, pkce?: PkceChallenge): Promise<RedirectBegun>;
  /**
   * @param returned the query of the host's callback, as the broker's page called it
   * @param verifier what the challenge was made of (RFC 7636); sent with the code where the broker has PKCE
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when the page says no, or what it says is not enough
   */
  complete(
    credentials: Credentials,
    returned: Readonly<Record<string, string>>,
    begun: RedirectBegun,
    call: BrokerCall,
    verifier?: Secret,
  ): Promise<BrokerSession>;
}

/** Proves later that who completes the log-in is who began it. */
export interface PkceChallenge {
  readonly challenge: string;
  readonly method: 'S256';
}

export interface RedirectBegun {
  /** Where the person's browser goes. */
  readonly url: string;
  /** What `complete` needs to find again; never shown. */
  readonly memo: Readonly<Record<string, Secret>>;
  /** Whether the page gives our state back; where it does not, the callback cannot be told from a forged one. */
  readonly returnsState: boolean;
}
