import type { InstrumentLookup, Logger } from '@algo/core/adapter';
import type { XtsReader } from '../../wire/read.js';

/** What mapping a row needs from outside. */
export interface Reading {
  readonly read: XtsReader;
  readonly instruments: InstrumentLookup;
  readonly logger: Logger;
}
