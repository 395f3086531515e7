import { expect, test } from 'vitest';
import { TAG_LENGTH, isTag, tagOf } from './tag.js';

const OURS = 'AXQ3KZ7LMNB24CD';

test.each([
  ['as it was sent', OURS, OURS],
  ['after a cancel', `${OURS}-1764830112`, OURS],
  ['after more than one suffix', `${OURS}-1764830112-2`, OURS],
  ['without any', null, null],
  ['of an order without a tag', '1655803172-359607-XXXX-ADMINAPI', '1655803172-359607-XXXX-ADMINAPI'],
  ['after a modify', '1764830112-12-XXXX-ADMINAPI', '1764830112-12-XXXX-ADMINAPI'],
  ['of another program, with letters that ours do not have', 'my-bot', 'my-bot'],
  ['of another program, longer than ours', `${'A'.repeat(TAG_LENGTH + 1)}-1`, `${'A'.repeat(TAG_LENGTH + 1)}-1`],
  ['beginning with a hyphen', `-${OURS}`, `-${OURS}`],
])('the tag %s', (_what, printed, tag) => {
  expect(tagOf(printed)).toBe(tag);
});

test('a tag is what core makes, and fits the field whole', () => {
  expect(isTag(OURS)).toBe(true);
  expect(isTag('A'.repeat(TAG_LENGTH))).toBe(true);
  for (const text of ['', 'A'.repeat(TAG_LENGTH + 1), 'ABC1', 'abc', 'A B', 'A-B']) expect(isTag(text)).toBe(false);
});
