import { expect, test } from 'vitest';
import { HEADLESS, keysNamed, openDesks, PASTED, problemsOf, TOKEN } from './desks.js';

test('tells who put, replaced and deleted credentials, when and why, with secrets by name alone', async () => {
  const { credentials, audit, clock } = await openDesks();
  await credentials.put('dhan', 'main', PASTED);
  const putAtMs = clock.now();
  clock.jump(60_000);
  await credentials.put('dhan', 'main', HEADLESS, { actor: 'support-7', why: 'the token ran out' });
  await credentials.delete('dhan', 'main', { why: 'moving away' });

  const pasted = '{"accessToken":"(secret)","clientId":"1000000001"}';
  const headless = '{"clientId":"1000000001","pin":"(secret)","totpSecret":"(secret)"}';
  const common = { userId: 'u1', subject: 'dhan/main' };
  expect(await audit.list()).toEqual([
    {
      ...common,
      seq: expect.any(Number),
      atMs: clock.now(),
      actor: 'u1',
      action: 'credentials-delete',
      why: 'moving away',
      before: headless,
      after: null,
    },
    {
      ...common,
      seq: expect.any(Number),
      atMs: clock.now(),
      actor: 'support-7',
      action: 'credentials-put',
      why: 'the token ran out',
      before: pasted,
      after: headless,
    },
    {
      ...common,
      seq: expect.any(Number),
      atMs: putAtMs,
      actor: 'u1',
      action: 'credentials-put',
      why: null,
      before: null,
      after: pasted,
    },
  ]);
});

test('holds no entry of a change that did not happen', async () => {
  const { credentials, audit, configuration, store } = await openDesks();
  await problemsOf(credentials.put('dhan', 'main', { clientId: '1' }));
  expect(await credentials.delete('dhan', 'main')).toBe(false);
  expect(await configuration.delete('nothing')).toBe(false);
  await expect(configuration.put('name', 1, { over: 4 })).rejects.toMatchObject({ code: 'ALGO_STORE_CONFLICT' });
  const outrun = { ...store.credentials, put: async () => false };
  const late = await openDesks({ store: { ...store, credentials: outrun } });
  await expect(late.credentials.put('dhan', 'main', PASTED)).rejects.toMatchObject({ code: 'ALGO_STORE_CONFLICT' });
  expect(await audit.list()).toEqual([]);
});

test('keeps a secret out even when somebody writes it into the reason', async () => {
  const { credentials, audit } = await openDesks();
  for (const by of [{ why: `the new token is ${TOKEN}` }, { actor: TOKEN }]) {
    const [problem] = await problemsOf(credentials.put('dhan', 'main', PASTED, by));
    expect(problem?.field).toBe(Object.keys(by)[0]);
    expect(JSON.stringify(problem)).not.toContain(TOKEN);
  }
  expect(await audit.list()).toEqual([]);
});

test('says that the fields before were not opened when the record stays shut, and is written all the same', async () => {
  const first = await openDesks();
  await first.credentials.put('dhan', 'main', HEADLESS);
  const { credentials, audit } = await openDesks({ store: first.store, keys: keysNamed('another-key', 9) });
  await credentials.put('dhan', 'main', PASTED);
  expect((await audit.list({ limit: 1 }))[0]).toMatchObject({
    before: '{"(sealed)":"(not opened)","clientId":"1000000001"}',
    after: '{"accessToken":"(secret)","clientId":"1000000001"}',
  });
});

test('is read page by page, newest first, and by what was changed', async () => {
  const { configuration, brokers, audit } = await openDesks();
  for (let at = 0; at < 7; at += 1) await configuration.put(`item-${at}`, at, { over: null });
  await brokers.disable('dhan');

  const seen: string[] = [];
  for (let before: number | undefined; ;) {
    const page = await audit.list({ limit: 3, ...(before === undefined ? {} : { before }) });
    if (page.length === 0) break;
    seen.push(...page.map(({ subject }) => subject));
    before = page.at(-1)?.seq;
  }
  expect(seen).toEqual(['broker/dhan', ...[6, 5, 4, 3, 2, 1, 0].map((at) => `item-${at}`)]);
  expect((await audit.list({ subject: 'item-3' })).map(({ after }) => after)).toEqual(['3']);
});

test('shows a user their own entries alone', async () => {
  const mine = await openDesks();
  const theirs = await openDesks({ userId: 'u2', store: mine.store });
  await mine.credentials.put('dhan', 'main', PASTED);
  await theirs.configuration.put('name', 1, { over: null });
  expect((await mine.audit.list()).map(({ userId }) => userId)).toEqual(['u1']);
  expect((await theirs.audit.list()).map(({ userId }) => userId)).toEqual(['u2']);
  expect(await theirs.audit.list({ subject: 'dhan/main' })).toEqual([]);
});

test.each([
  [{ limit: 0 }, 'limit'],
  [{ limit: 1_001 }, 'limit'],
  [{ limit: 1.5 }, 'limit'],
  [{ limit: '5' as never }, 'limit'],
  [{ before: 0 }, 'before'],
  [{ before: Number.NaN }, 'before'],
  [{ subject: 5 as never }, 'subject'],
])('refuses the filter %j', async (filter, field) => {
  const { audit } = await openDesks();
  expect((await problemsOf(audit.list(filter))).map((problem) => problem.field)).toEqual([field]);
});

test.each([
  [{ actor: '' }, 'actor'],
  [{ actor: 'a'.repeat(201) }, 'actor'],
  [{ why: 'w'.repeat(2_001) }, 'why'],
  [{ why: 5 as never }, 'why'],
])('refuses a change by %j before anything is written', async (by, field) => {
  const { credentials, configuration, brokers, store } = await openDesks();
  const changes = [
    () => credentials.put('dhan', 'main', PASTED, by),
    () => configuration.put('name', 1, { over: null, ...by }),
    () => brokers.disable('dhan', by),
    () => brokers.delete('dhan', by),
  ];
  for (const change of changes) expect((await problemsOf(change()))[0]?.field).toBe(field);
  expect(await store.credentials.list('u1')).toEqual([]);
  expect(await store.configuration.list('u1')).toEqual([]);
});
