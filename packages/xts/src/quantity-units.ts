import { checkNames, isCount } from '@algo/core/adapter';
import type { Exchange, InputProblem, QuantityUnit } from '@algo/core/adapter';

/** Exchanges whose quantity unit at XTS houses is not certain. */
export type UnsureExchange = Extract<Exchange, 'MCX' | 'CDS' | 'BCD'>;

export type QuantityUnits = Readonly<Partial<Record<UnsureExchange, QuantityUnitSetting>>>;

/** `units`: the house takes what we take. `lots`: lots of so many units, for all underlyings or for each by name. */
export type QuantityUnitSetting =
  | { readonly kind: 'units' }
  | { readonly kind: 'lots'; readonly unitsPerLot: number | Readonly<Record<string, number>> };

const UNSURE: readonly string[] = ['MCX', 'CDS', 'BCD'] satisfies readonly UnsureExchange[];

export function checkUnits(units: QuantityUnits, problems: InputProblem[]): void {
  checkNames('quantityUnits.', units, UNSURE, problems);
  if (typeof units !== 'object' || units === null) return;
  for (const [exchange, setting] of Object.entries(units)) {
    if (setting === undefined || !UNSURE.includes(exchange)) continue;
    const problem = problemOf(setting);
    if (problem !== null) problems.push({ field: `quantityUnits.${exchange}`, problem });
  }
}

function problemOf(setting: QuantityUnitSetting | null): string | null {
  if (setting?.kind === 'units') return null;
  if (setting?.kind !== 'lots') return "must be { kind: 'units' } or { kind: 'lots', unitsPerLot }";
  const { unitsPerLot } = setting;
  const sizes = typeof unitsPerLot === 'object' && unitsPerLot !== null ? Object.values(unitsPerLot) : [unitsPerLot];
  return sizes.every(isCount) ? null : 'must give unitsPerLot as whole numbers above 0';
}

/** The unit of one derivative as it was set; null where nothing was. */
export function unitsOf(asWritten: QuantityUnits): (exchange: Exchange, underlying: string) => QuantityUnit | null {
  const units = new Map<string, QuantityUnitSetting>(Object.entries(structuredClone(asWritten))); // what the host changes afterwards must not change an order
  return (exchange, underlying) => {
    const setting = units.get(exchange);
    if (setting === undefined) return null;
    if (setting.kind === 'units') return { kind: 'units' };
    const { unitsPerLot } = setting;
    if (typeof unitsPerLot === 'number') return { kind: 'lots', unitsPerLot };
    const named = Object.hasOwn(unitsPerLot, underlying) ? unitsPerLot[underlying] : undefined;
    return named === undefined ? null : { kind: 'lots', unitsPerLot: named };
  };
}
