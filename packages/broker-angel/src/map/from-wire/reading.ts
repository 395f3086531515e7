import type { InstrumentLookup, Logger } from '@algo/core/adapter';

/** What mapping a row needs from outside. */
export interface Reading {
  readonly instruments: InstrumentLookup;
  readonly logger: Logger;
}
