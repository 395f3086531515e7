import type { InstrumentLookup, Logger } from '@algo/core/adapter';
import type { WallClock } from '../time.js';

/** What mapping a row needs from outside. */
export interface Reading {
  readonly instruments: InstrumentLookup;
  readonly logger: Logger;
  readonly wallClock: WallClock;
}
