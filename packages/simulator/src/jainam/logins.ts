import type { Exchange } from '../exchange/exchange.js';
import { seedOf, seededRandom } from '../random.js';
import type { ResolvedJainamAccount } from './options.js';

export interface KeyPair {
  readonly appKey: string;
  readonly secretKey: string;
}

/** Who may log in, and for whom. */
export interface JainamLogin {
  readonly userId: string;
  readonly dealer: boolean;
  /** The client accounts of the exchange that the log-in trades; one for an investor. */
  readonly clientCodes: readonly string[];
  readonly interactive: KeyPair;
  readonly market: KeyPair;
}

const HEX = '0123456789abcdef';

/** Digits, letters and the symbols that secrets of this kind carry. */
const SECRET_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$#@';

/** The same seed and user id give the same keys. */
export function newLogin({ clientId, dealer, clientCodes }: ResolvedJainamAccount, seed: number): JainamLogin {
  const random = seededRandom(seedOf(`${seed}/jainam/${clientId}`));
  const draw = (letters: string, length: number): string =>
    Array.from({ length }, () => letters[Math.floor(random() * letters.length)] ?? '').join('');
  const pair = (): KeyPair => ({ appKey: draw(HEX, 22), secretKey: `${draw(SECRET_LETTERS, 7)}$#@` });
  return { userId: clientId, dealer, clientCodes, interactive: pair(), market: pair() };
}

/** Opens the accounts at the exchange that are not there yet. */
export function openAccounts(exchange: Exchange, account: ResolvedJainamAccount): void {
  const { cash, segments, holdings } = account;
  for (const clientId of account.clientCodes) {
    if (exchange.account('jainam', clientId) !== undefined) continue;
    exchange.run({
      kind: 'open-account',
      terms: {
        broker: 'jainam',
        clientId,
        cash,
        segments,
        dataPlan: true,
        holdings: holdings.map(({ instrument, quantity, averagePrice }) => {
          const instrumentId = exchange.find(instrument)?.instrument.id;
          if (instrumentId === undefined) throw new Error(`There is no instrument ${instrument}`);
          return { instrumentId, quantity, averagePrice };
        }),
      },
    });
  }
}
