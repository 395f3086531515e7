import { expect, test } from 'vitest';
import { LoginPause } from './login-pause.js';

test('the pause after a log-in that came to nothing doubles from five seconds to five minutes', () => {
  const pause = new LoginPause();
  const lengths = Array.from({ length: 8 }, () => {
    pause.failed(0);
    let length = 0;
    while (pause.isOn(length)) length += 1_000;
    return length;
  });
  expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
});

test('a person ends the pause once; a success forgets what came before', () => {
  const pause = new LoginPause();
  pause.failed(0);
  pause.end();
  expect(pause.isOn(0)).toBe(false);
  pause.failed(0);
  expect(pause.isOn(9_999)).toBe(true);
  pause.reset();
  expect(pause.isOn(0)).toBe(false);
  pause.failed(0);
  expect(pause.isOn(5_000)).toBe(false);
});
