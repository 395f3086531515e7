import { formatInstrument, parseInstrument } from '@algo/core/adapter';
import type { Exchange, InstrumentId } from '@algo/core/adapter';

/**
 * The canonical instrument of a symbol: `RELIANCE.NS` and `RELIANCE-EQ` are `NSE:RELIANCE`. A text that is canonical
 * already stays as it is. Null when it names none.
 *
 * `exchange` is where a symbol trades that does not say.
 */
export function instrumentFrom(printed: string, exchange: Exchange): InstrumentId | null {
  const text = printed.trim().toUpperCase();
  if (text.includes(':')) return CANONICAL.test(text) && parseInstrument(text) !== null ? text : null;
  const [, symbol, suffix] = /^(.+?)(\.NS|\.BO)?$/.exec(text) ?? [];
  const bare = (symbol ?? '').replace(SHARE_SERIES, '');
  if (!SYMBOL.test(bare)) return null;
  const listedAt = suffix === '.NS' ? 'NSE' : suffix === '.BO' ? 'BSE' : exchange;
  return formatInstrument({ kind: 'equity', exchange: listedAt, symbol: bare, series: null });
}

/** Series that are the share itself, as in the brokers' masters. */
const SHARE_SERIES = /-(?:EQ|BE|BZ|SM|ST)$/;
const SYMBOL = /^[A-Z0-9][A-Z0-9&_-]{0,31}$/;
const CANONICAL = /^[A-Z0-9&_.:-]{3,64}$/;
