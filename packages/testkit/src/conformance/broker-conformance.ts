import { bookGroup } from './groups/book.js';
import { cancelGroup, modifyGroup } from './groups/change.js';
import { definitionGroup } from './groups/definition.js';
import { instrumentsGroup, probeGroup } from './groups/instruments.js';
import { lackingGroup } from './groups/lacks.js';
import { closeGroup, limitsGroup } from './groups/limits.js';
import { candlesGroup, quotesGroup } from './groups/market-data.js';
import { outcomeGroup } from './groups/outcome.js';
import { placeGroup } from './groups/place.js';
import { fundsGroup, holdingsGroup, marginGroup, positionsGroup, tradesGroup } from './groups/portfolio.js';
import { roadGroup } from './groups/road.js';
import { redirectGroup, sessionGroup } from './groups/session.js';
import type { TestRunner } from './runner.js';
import { LACKABLE } from './subject.js';
import type { ConformanceOptions, LackableGroup } from './subject.js';

type Group = (runner: TestRunner, options: ConformanceOptions) => void;

/** Asked of every broker. */
const ALWAYS: readonly Group[] = [
  definitionGroup,
  sessionGroup,
  probeGroup,
  instrumentsGroup,
  placeGroup,
  modifyGroup,
  cancelGroup,
  outcomeGroup,
  bookGroup,
  limitsGroup,
  closeGroup,
  roadGroup,
];

/** Asked unless the broker's own sheet says that it has no such thing. */
const UNLESS_LACKING: Readonly<Record<LackableGroup, Group>> = {
  trades: tradesGroup,
  positions: positionsGroup,
  holdings: holdingsGroup,
  funds: fundsGroup,
  margin: marginGroup,
  quotes: quotesGroup,
  candles: candlesGroup,
  redirect: redirectGroup,
};

/**
 * The contract of a broker adapter as tests: what every broker package has to pass. Hand in the test runner, a way to a
 * fresh broker with its venue, and as data what differs from broker to broker.
 */
export function brokerConformance(runner: TestRunner, options: ConformanceOptions): void {
  const { name, lacks = {}, report = console.log } = options;
  runner.describe(`${name} keeps the contract of a broker`, () => {
    for (const group of ALWAYS) group(runner, options);
    for (const lackable of LACKABLE) {
      const why = lacks[lackable];
      if (why === undefined) {
        UNLESS_LACKING[lackable](runner, options);
        continue;
      }
      report(`${name} has no ${lackable}: ${why}`);
      lackingGroup(runner, options, lackable);
    }
  });
}
