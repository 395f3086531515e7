/** A watch list: looked up again and again. */
const REPEATED = 64;

/**
 * Nanoseconds per look-up, by symbol and by token: of keys asked for the first time, and of a few asked for again and
 * again. Other keys warm the code up first. Fails when an answer is another row than the one asked for.
 *
 * @param {any} book
 * @param {readonly any[]} keys each with the token it stands for; not in the master's order
 * @param {number} count
 */
export async function measureLookUps(book, keys, count) {
  const measured = {};
  for (const by of ['bySymbol', 'byToken']) {
    const look = book[by];
    const [warmUp, fresh] = [keys.slice(0, count), keys.slice(count, count * 2)].map((part) => part.map(flat));
    const repeated = fresh.slice(0, REPEATED);
    check(book, look, warmUp);
    measured[`${by}FirstNs`] = timed(look, fresh, 1);
    timed(look, repeated, count / REPEATED);
    measured[`${by}AgainNs`] = timed(look, repeated, (count * 10) / REPEATED);
    check(book, look, fresh);
  }
  return measured;
}

function timed(look, keys, times) {
  let found = 0;
  const began = performance.now();
  for (let turn = 0; turn < times; turn += 1) for (const key of keys) if (look(key)) found += 1;
  const ns = ((performance.now() - began) * 1e6) / found;
  if (found < keys.length * Math.floor(times)) throw new Error('a look-up found nothing');
  return ns;
}

function check(book, look, keys) {
  for (const key of keys) {
    const token = book.tokenOf(look(key));
    if (token !== key.token) throw new Error(`${JSON.stringify(key)} found ${token}`);
  }
}

/** Texts as a caller has them: put together before, and lying where it works. */
const flat = (key) =>
  Object.fromEntries(Object.entries(key).map(([name, text]) => [name, Buffer.from(text).toString('latin1')]));
