import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerSession } from '../contract/session.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { Secret } from '../runtime/secret.js';
import type { LoginSteps, LoginStepsOptions } from './login-steps.js';
import { RedirectLogins } from './redirect-logins.js';
import type { OpenLogin } from './redirect-logins.js';
import type { SessionShelf } from './session-shelf.js';

export interface PageLoginsOptions extends Pick<LoginStepsOptions, 'key' | 'template' | 'inCall'> {
  readonly adapter: Pick<BrokerAdapter, 'redirectLogin'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** One account's log-ins on the broker's own page: begun here, made by a person, completed with what the page sent. */
export class PageLogins {
  readonly #options: PageLoginsOptions;
  readonly #steps: LoginSteps;
  readonly #shelf: SessionShelf;
  readonly #redirects: RedirectLogins;

  constructor(options: PageLoginsOptions, steps: LoginSteps, shelf: SessionShelf) {
    this.#options = options;
    this.#steps = steps;
    this.#shelf = shelf;
    this.#redirects = new RedirectLogins(options.key.broker, options.clock, options.random);
  }

  /**
   * @returns where the person's browser goes
   * @throws {AlgoError} `ALGO_NOT_SUPPORTED`, `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED` when a stored field is missing
   */
  begin(): Promise<string> {
    const { adapter, inCall, key, template } = this.#options;
    const steps = this.#steps;
    return steps.withCredentials(async (opened) => {
      const { redirectLogin } = adapter;
      if (redirectLogin === undefined || !template.methods.some(({ redirect }) => redirect === true)) {
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: key.broker, what: 'log-ins on a page of its own' });
      }
      const method = steps.methodFor(opened, true).id;
      const state = this.#redirects.newState();
      const { verifier, pkce } = this.#redirects.newPkce();
      const { fields, secrets, origin } = opened;
      const begun = await inCall(null, (call) => redirectLogin.begin({ method, fields, secrets }, state, call, pkce));
      this.#redirects.begin({ state, begun, verifier, method, origin });
      return begun.url;
    });
  }

  /** What was begun is not completed any more. */
  forget(): void {
    this.#redirects.forget();
  }

  /** @throws {AlgoError} `ALGO_LOGIN_REFUSED` for a callback that belongs to no log-in begun here */
  take(returned: Readonly<Record<string, string>>): OpenLogin {
    return this.#redirects.take(returned);
  }

  /**
   * @param isMeant whether the credentials are still those it was begun with
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED`, `ALGO_LOGIN_NEEDED`, `ALGO_WRONG_ACCOUNT`
   */
  complete(
    open: OpenLogin,
    returned: Readonly<Record<string, string>>,
    isMeant: () => boolean,
  ): Promise<BrokerSession> {
    const values = Object.values(returned).flatMap((value) => (value === '' ? [] : [new Secret(value)]));
    return this.#steps.guarded([...values, open.verifier], () => this.#complete(open, returned, isMeant));
  }

  #complete(
    open: OpenLogin,
    returned: Readonly<Record<string, string>>,
    isMeant: () => boolean,
  ): Promise<BrokerSession> {
    const { adapter, inCall } = this.#options;
    const steps = this.#steps;
    return steps.withCredentials(async (opened) => {
      const { redirectLogin } = adapter;
      const { fields, secrets, origin } = opened;
      const changed = steps.loginNeeded('the credentials were changed after the log-in was begun');
      if (redirectLogin === undefined || origin !== open.origin || !isMeant()) throw changed;
      const session = await inCall(null, (call) =>
        redirectLogin.complete({ method: open.method, fields, secrets }, returned, open.begun, call, open.verifier),
      );
      return steps.guarded(Object.values(session.secrets), async () => {
        if (!isMeant()) throw changed;
        // Somebody else's log-in is refused alone: the session in use is none the worse for it.
        if (!(await steps.belongs(session, opened))) throw steps.wrongAccount();
        if ((await this.#shelf.save(session, origin, isMeant, null)) === null) throw changed;
        return session;
      });
    });
  }
}
