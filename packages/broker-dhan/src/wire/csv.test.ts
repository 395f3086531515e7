import { expect, test } from 'vitest';
import { splitLine } from './csv.js';

test('fields are split at commas, but not at quoted ones', () => {
  expect(splitLine('a,,b,')).toEqual(['a', '', 'b', '']);
  expect(splitLine('"a,b",c,"d ""e"""')).toEqual(['a,b', 'c', 'd "e"']);
  expect(splitLine('"never closed,x')).toEqual(['never closed,x']);
});
