import { describe, expect, onTestFinished, test } from 'vitest';
import { expectShape, listOf, sample, startedKotak } from './kotak-support.js';

describe('the tag', () => {
  const OWN = /^\d{10}-\d+-A1000001-ADMINAPI$/;

  test('is replaced by one of the server on modify, and gets the time on cancel', async () => {
    const { client, clock } = await startedKotak(onTestFinished);
    const cancelled = await client.placed({ ig: 'one' });
    await client.cancel({ on: cancelled });
    const seconds = Math.floor(clock.now() / 1_000);
    expect((await client.row(cancelled))['GuiOrdId']).toBe(`one-${seconds}`);

    const modified = await client.placed({ ig: 'two' });
    await client.modify({ no: modified, pr: '1380' });
    const first = (await client.row(modified))['GuiOrdId'];
    expect(first).toMatch(OWN);
    await client.modify({ no: modified, pr: '1370' });
    expect((await client.row(modified))['GuiOrdId']).toMatch(OWN);
    expect((await client.row(modified))['GuiOrdId']).not.toBe(first);
    const oldest = (await client.history(modified)).at(-1);
    expect(oldest).toMatchObject({ GuiOrdId: 'two', ordSt: 'put order req received' });
  });

  test('is made by the server when the client gave none', async () => {
    const { client } = await startedKotak(onTestFinished);
    expect((await client.row(await client.placed()))['GuiOrdId']).toMatch(OWN);
    expect((await client.row(await client.placed({ ig: null })))['GuiOrdId']).toMatch(OWN);
  });

  test('stays, or never comes back, as the options say', async () => {
    for (const [tag, expected] of [
      ['stable', 'mine'],
      ['blank', ''],
    ] as const) {
      const { client } = await startedKotak(onTestFinished, { kotak: { tag } });
      const no = await client.placed({ ig: 'mine' });
      await client.modify({ no, pr: '1380' });
      await client.cancel({ on: no });
      expect((await client.row(no))['GuiOrdId']).toBe(expected);
    }
  });
});

describe('the history', () => {
  test('tells every state, newest first, with the keys and types of the documents', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const no = await client.placed({ ig: 'mine' });
    simulator.exchange.fill(no, 4, 1390);
    await client.modify({ no, pr: '1385', qt: '20' });
    await client.cancel({ on: no });
    const rows = await client.history(no);
    expect(rows.map((row) => [row['ordSt'], row['prc'], row['qty'], row['fldQty']])).toEqual([
      ['cancelled', '1385.00', 20, 4],
      ['cancel pending', '1385.00', 20, 4],
      ['modified', '1385.00', 20, 4],
      ['modify pending', '1385.00', 20, 4],
      ['modify validation pending', '1385.00', 20, 4],
      ['open', '1390.00', 10, 4],
      ['open', '1390.00', 10, 0],
      ['open pending', '1390.00', 10, 0],
      ['validation pending', '1390.00', 10, 0],
      ['put order req received', '1390.00', 10, 0],
    ]);
    const [documented] = listOf(sample('order_history_200.json'));
    expectShape(rows[0], documented);
    expect(rows[0]).toMatchObject({
      exchTmstp: '20-Nov-2026 10: 00: 00',
      exchOrdId: expect.stringMatching(/^11\d{14}$/),
    });
    expect(rows.at(-1)).toMatchObject({ exchTmstp: '--', exchOrdId: 'NA', GuiOrdId: 'mine' });
  });

  test('ends with the reason of a rejection', async () => {
    const { client } = await startedKotak(onTestFinished);
    const [newest] = await client.history(await client.placed({ qt: '100000' }));
    expect(newest).toMatchObject({ ordSt: 'rejected', rejRsn: expect.stringContaining('RMS:Margin Exceeds') });
  });
});
