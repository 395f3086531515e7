import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';

/** In the order of their character codes, so that later tags sort after earlier ones. */
const ALPHABET = '234567ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Eight characters of two-millisecond steps since 2024 last until 2093. */
const EPOCH_MS = Date.UTC(2024, 0, 1);
const STEP_MS = 2;
const TIME_LENGTH = 8;
const RANDOM_LENGTH = 5;
const RANDOM_RANGE = 32 ** RANDOM_LENGTH;

const TAG = /^[A-Z2-7]{15}$/;

/** Makes our id of one attempt on the wire; the argument counts the attempts of one order. */
export type TagMaker = (attempt: number) => string;

/**
 * 15 characters of `A-Z2-7`, which is what the shortest broker field takes (Angel One): eight that tell the time, five
 * random ones, two that count attempts. Within one step the random part counts on, so that one manager never makes a
 * tag twice; the store's unique index guards the rest. Time comes first because a journal writes tags in order at half
 * the cost (docs/decisions/0003-ordered-tags.md). A tag is no secret and is made from none.
 */
export function createTagMaker(clock: Pick<Clock, 'now'>, random: Random): TagMaker {
  const bytes = new Uint8Array(4);
  let step = -1;
  let prefix = '';
  let part = 0;

  return (attempt) => {
    const now = Math.max(0, Math.floor((clock.now() - EPOCH_MS) / STEP_MS));
    if (now === step) part = (part + 1) % RANDOM_RANGE;
    else {
      step = now;
      prefix = encode(now, TIME_LENGTH);
      random.fill(bytes);
      part = bytes.reduce((sum, byte) => sum * 256 + byte, 0) % RANDOM_RANGE;
    }
    return prefix + encode(part, RANDOM_LENGTH) + encode(attempt, 2);
  };
}

/** Whether it has the shape of a tag: then it is one of ours, whole as it was sent. */
export const isTag = (text: string): boolean => TAG.test(text);

/** The lowest `length` base-32 digits, highest first. */
function encode(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < length; at += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
