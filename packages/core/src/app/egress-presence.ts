import type { ResolvedAlgoOptions } from '../config/algo-options.js';
import { checkEgress } from '../config/check-egress.js';
import type { ConnectionStatus } from '../connection/connection-state.js';
import type { EgressDesk } from '../connection/egress-desk.js';
import type { Egress } from '../contract/egress.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import { errorName } from '../runtime/error-name.js';

/**
 * How an account's calls leave this machine: what the host said of it, over what holds for all.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` when what the host said is no egress
 */
export function egressOf(
  key: AccountKey,
  { egress, localAddress }: Pick<ResolvedAlgoOptions, 'egress' | 'localAddress'>,
): Egress {
  const own = answerOf(egress.of, key);
  const general = localAddress === null ? {} : { localAddress };
  return own === undefined ? general : { ...general, ...checkEgress(own) };
}

/** What a host's function throws is told as what it is: an egress that nobody knows. */
function answerOf(of: (key: AccountKey) => Egress | undefined, key: AccountKey): Egress | undefined {
  try {
    return of(key);
  } catch (error) {
    const problem = `threw ${errorName(error)}`;
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'egress.of', problem }] });
  }
}

/** Tells the desk when a connection leaves from its address: from when it is up until it is let go of, outages included. */
export class EgressPresence {
  readonly #desk: EgressDesk;
  readonly #userId: string;
  readonly #address: string;
  #leave: (() => void) | null = null;

  constructor(desk: EgressDesk, userId: string, address: string) {
    this.#desk = desk;
    this.#userId = userId;
    this.#address = address;
  }

  stateIs(status: ConnectionStatus): void {
    if (status === 'connected') this.#leave ??= this.#desk.enter(this.#userId, this.#address);
    if (status !== 'disconnected') return;
    this.#leave?.();
    this.#leave = null;
  }
}
