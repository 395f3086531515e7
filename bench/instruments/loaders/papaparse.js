import Papa from 'papaparse';
import { keptMaps } from './pieces.js';
import { addRow } from './row-maps.js';

export async function load(file) {
  const bySymbol = new Map();
  const byToken = new Map();
  for (const row of Papa.parse(file.toString('utf8'), { header: true, skipEmptyLines: true }).data) {
    addRow(bySymbol, byToken, (name) => row[name]);
  }
  return keptMaps(bySymbol, byToken);
}
