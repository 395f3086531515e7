import { AlgoError } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerCapabilities } from '@algo/core/adapter';
import type { LackableGroup } from '../../src/index.js';
import { brokenAdapter, brokenCapabilities } from './mutant.js';
import type { Mutant } from './mutant.js';

/** Something that is said to be lacking, while the adapter answers as if it were there. */
const lacking = (group: LackableGroup, caughtBy: string, lie: Partial<BrokerCapabilities> = {}): Mutant => {
  const mutant = brokenCapabilities(`${group} said to be lacking and there all the same`, caughtBy, lie);
  return { ...mutant, options: { ...mutant.options, lacks: { [group]: 'it is said' } } };
};

const notSupported = async (): Promise<never> => {
  throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: 'dhan', what: 'that' });
};

/** Good adapters of brokers that have less: the suite must not fail them. */
export const HONESTLY_LACKING: readonly Mutant[] = (
  ['trades', 'positions', 'holdings', 'funds', 'margin', 'quotes', 'candles'] as const
).map((group) => {
  const less: Partial<BrokerAdapter> = { [group]: notSupported };
  const mutant = brokenAdapter(`${group} honestly lacking`, '', () => less);
  const { subject } = mutant.options;
  return {
    ...mutant,
    options: {
      ...mutant.options,
      lacks: { [group]: 'it is said' },
      subject: async (setup) => {
        const made = await subject(setup);
        const { capabilities } = made.definition;
        const honest = {
          ...capabilities,
          margin: group === 'margin' ? false : capabilities.margin,
          candleIntervals: group === 'candles' ? [] : capabilities.candleIntervals,
        };
        return { ...made, definition: { ...made.definition, capabilities: honest } };
      },
    },
  };
});

export const LACKING_MUTANTS: readonly Mutant[] = [
  lacking('trades', 'asking for trades is refused'),
  lacking('positions', 'asking for positions is refused'),
  lacking('holdings', 'asking for holdings is refused'),
  lacking('funds', 'asking for funds is refused'),
  lacking('margin', 'asking for margin is refused', { margin: false }),
  lacking('margin', 'asking for margin is refused'),
  lacking('quotes', 'asking for quotes is refused'),
  lacking('candles', 'asking for candles is refused', { candleIntervals: [] }),
  lacking('redirect', 'no login method sends a person'),
];
