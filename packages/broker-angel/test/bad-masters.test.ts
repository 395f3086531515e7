import fc from 'fast-check';
import { isAlgoError, parseInstrument } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { codeOf, FUZZ_RUNS } from './support/account.js';
import { option, read, share } from './support/masters.js';

test.each<[string, unknown]>([
  ['an exchange nobody here trades', share({ exch_seg: 'NCDEX' })],
  ['the exchange as the docs misprint it', share({ exch_seg: 'nse_cm' })],
  ['a token that is no number', share({ token: 'x1' })],
  ['no token', share({ token: '' })],
  ['a field too few', { ...share(), tick_size: undefined }],
  ['a field that is null', share({ lotsize: null })],
  ['a list for a field', share({ token: ['1'] })],
  ['no symbol', share({ symbol: '' })],
  ['a symbol without a series', share({ symbol: 'SBIN' })],
  ['a symbol that would break the canonical text', share({ symbol: 'A:B-EQ' })],
  ['a share named like the word for indices', share({ symbol: 'INDEX-N5' })],
  ['no tick', share({ tick_size: '' })],
  ['a tick of 0', share({ tick_size: '0.000000' })],
  ['a tick below a hundredth of a paisa', share({ tick_size: '0.0001' })],
  [
    'a currency tick in another scale',
    option({ exch_seg: 'CDS', instrumenttype: 'FUTCUR', tick_size: '25000.000000' }),
  ],
  [
    'a currency strike in paise',
    option({ exch_seg: 'CDS', instrumenttype: 'OPTCUR', strike: '8475.000000', tick_size: '0.25' }),
  ],
  ['a lot of 0', share({ lotsize: '0' })],
  ['a negative lot', share({ lotsize: '-1' })],
  ['half a lot', share({ lotsize: '0.5' })],
  ['a date that is none', option({ expiry: '31NOV2026' })],
  ['a derivative without a date', option({ expiry: '' })],
  ['an option without a strike', option({ strike: '-1.000000' })],
  ['an option without a side', option({ symbol: 'NIFTY24NOV2626000' })],
  ['a strike between two hundredths of a paisa', option({ strike: '2600000.005000' })],
  ['a kind nobody knows', option({ instrumenttype: 'FUTIRC' })],
  ['a share among derivatives', share({ exch_seg: 'NFO' })],
  ['a derivative among shares', option({ exch_seg: 'NSE' })],
  ['an object within it', share({ extra: { a: 1 } })],
  ['a name of 10 MB', share({ name: 'x'.repeat(10_000_000) })],
])('%s is counted and left out, and the rows around it stay', async (_what, bad) => {
  const rows = [share({ token: '11', symbol: 'A-EQ' }), bad, share({ token: '12', symbol: 'B-EQ' })];
  const { listings, skipped } = await read(JSON.stringify(rows));
  expect(listings.filter(({ contract }) => contract.kind !== 'index').map(({ instrument }) => instrument)).toEqual([
    'NSE:A',
    'NSE:B',
  ]);
  expect(skipped).toBe(1);
});

test.each<[string, unknown]>([
  ['a number', 5],
  ['null', null],
  ['a list', [share()]],
  ['a text of 10 MB', 'x'.repeat(10_000_000)],
])('%s among the rows makes it no master', async (_what, junk) => {
  expect(await codeOf(read(JSON.stringify([share(), junk, share({ token: '2' })])))).toBe('ALGO_INSTRUMENTS_REFUSED');
});

test('a name given twice in one row names nobody: no token is taken from it', async () => {
  const twice =
    '{"token":"1","token":"2","symbol":"SBIN-EQ","name":"SBIN","expiry":"","strike":"-1","lotsize":"1","instrumenttype":"","exch_seg":"NSE","tick_size":"5"}';
  const { listings, skipped } = await read(`[${JSON.stringify(share({ symbol: 'A-EQ', token: '9' }))},${twice}]`);
  expect(listings.some(({ instrument }) => instrument === 'NSE:SBIN')).toBe(false);
  expect(skipped).toBe(1);
});

test.each(['', '  ', '<html>maintenance</html>', '{"status":true}', '[{"token":"1"', 'null', '[', '"[]"'])(
  'a file that is no list is refused: %j',
  async (file) => {
    expect(await codeOf(read(file))).toBe('ALGO_INSTRUMENTS_REFUSED');
  },
);

test('a download cut anywhere is refused, at the latest when its end is reached', async () => {
  const whole = JSON.stringify([share(), option(), share({ symbol: 'A]B-EQ', token: '7' })]);
  for (let length = 0; length < whole.length; length += 1)
    expect(await codeOf(read(whole.slice(0, length)))).toBe('ALGO_INSTRUMENTS_REFUSED');
  expect(await codeOf(read(`${whole}[]`))).toBe('ALGO_INSTRUMENTS_REFUSED');
});

test('no file, however broken, throws anything but an AlgoError, and what is read has a canonical name', async () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('', 'NSE', 'NFO', 'CDS', 'OPTIDX', 'AMXIDX', '-1.000000', '24NOV2026', '5'),
    fc.integer(),
  );
  const row = fc.oneof(
    fc
      .dictionary(fc.constantFrom(...Object.keys(share())), value)
      .map((change) => JSON.stringify({ ...option(), ...change })),
    fc.json(),
    fc.string({ maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 6 }), async (rows) => {
      try {
        for (const { instrument, tick, lotSize } of (await read(`[${rows.join(',')}]`)).listings) {
          expect(parseInstrument(instrument)).not.toBeNull();
          expect(Number.isSafeInteger(tick) && tick > 0 && Number.isSafeInteger(lotSize) && lotSize > 0).toBe(true);
        }
      } catch (error) {
        if (!isAlgoError(error)) throw error;
      }
    }),
    { numRuns: FUZZ_RUNS },
  );
});
