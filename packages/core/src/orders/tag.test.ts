import { expect, test } from 'vitest';
import { systemRandom } from '../runtime/random.js';
import { createTagMaker } from './tag.js';

const NOW = Date.UTC(2026, 10, 20, 4, 30);
const zeros = { fill: (target: Uint8Array) => void target.fill(0), fraction: () => 0 };
const stopped = { now: () => NOW };
const running = { now: () => Date.now() };

test('is fifteen characters of A-Z and 2-7, which every broker takes', () => {
  for (const clock of [stopped, running, { now: () => Date.UTC(2024, 0, 1) }, { now: () => Date.UTC(2092, 0, 1) }]) {
    const newTag = createTagMaker(clock, systemRandom());
    for (let attempt = 0; attempt < 1_024; attempt += 1) {
      const tag = newTag(attempt);
      if (!/^[A-Z2-7]{15}$/.test(tag)) throw new Error(`${tag} is no tag`);
    }
  }
});

test('one maker never repeats in two hundred thousand, even while time stands still', () => {
  for (const clock of [stopped, running]) {
    const newTag = createTagMaker(clock, systemRandom());
    const tags = new Set<string>();
    for (let made = 0; made < 200_000; made += 1) tags.add(newTag(1));
    expect(tags.size).toBe(200_000);
  }
});

test('two makers that begin in the same instant begin differently', () => {
  const first = new Set(Array.from({ length: 200 }, () => createTagMaker(stopped, systemRandom())(1)));
  expect(first.size).toBeGreaterThan(198); // 2^25 beginnings: even one pair alike has a chance of 1 in 1,700
});

test('a later tag sorts after an earlier one', () => {
  let now = NOW;
  const newTag = createTagMaker({ now: () => now }, systemRandom());
  let last = newTag(1);
  for (let step = 0; step < 5_000; step += 1) {
    now += 2;
    const tag = newTag(1);
    if (!(tag > last)) throw new Error(`${tag} sorts before ${last}`);
    last = tag;
  }
  now += 20 * 365 * 86_400_000;
  expect(newTag(1) > last).toBe(true);
});

test('counts on within one step and wraps without a repeat', () => {
  const newTag = createTagMaker(stopped, { fill: (target) => void target.fill(255), fraction: () => 0 });
  const [first, second] = [newTag(1), newTag(1)];
  expect(first.slice(8, 13)).toBe('ZZZZZ');
  expect(second.slice(8, 13)).toBe('22222');
});

test('ends in the attempt, so that the first 1024 attempts of an order end differently', () => {
  const newTag = createTagMaker(stopped, zeros);
  expect(newTag(0).slice(13)).toBe('22');
  expect(newTag(1).slice(13)).toBe('23');
  expect(newTag(33).slice(13)).toBe('33');
  const ends = new Set(Array.from({ length: 1_024 }, (_, attempt) => newTag(attempt).slice(13)));
  expect(ends.size).toBe(1_024);
});

test('its random part is spread over all characters', () => {
  let now = NOW;
  const newTag = createTagMaker({ now: () => (now += 2) }, systemRandom());
  const places = Array.from({ length: 5 }, () => new Map<string, number>());
  for (let made = 0; made < 32_000; made += 1) {
    const part = newTag(1).slice(8, 13);
    for (const [at, counts] of places.entries()) counts.set(part.charAt(at), (counts.get(part.charAt(at)) ?? 0) + 1);
  }
  for (const counts of places) {
    expect(counts.size).toBe(32);
    expect(Math.min(...counts.values())).toBeGreaterThan(800); // 1000 expected, 31 is one standard deviation
    expect(Math.max(...counts.values())).toBeLessThan(1_200);
  }
});
