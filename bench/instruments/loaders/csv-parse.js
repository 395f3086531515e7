import { parse } from 'csv-parse/sync';
import { keptMaps } from './pieces.js';
import { addRow } from './row-maps.js';

export async function load(file) {
  const bySymbol = new Map();
  const byToken = new Map();
  for (const row of parse(file, { columns: true, skip_empty_lines: true })) {
    addRow(bySymbol, byToken, (name) => row[name]);
  }
  return keptMaps(bySymbol, byToken);
}
