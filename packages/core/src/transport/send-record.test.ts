import { expect, test } from 'vitest';
import { SendRecord } from './send-record.js';

test('proves nothing when nothing was asked for: the adapter may have a client of its own', () => {
  expect(new SendRecord().provesNotSent()).toBe(false);
});

test('proves not sent when all that was asked for was watched and none of it written', () => {
  const record = new SendRecord();
  record.ask();
  record.ask();
  expect(record.provesNotSent()).toBe(true);
  expect(record.asked).toBe(2);
  expect(record.written).toBe(0);
});

test('one written request is enough to prove nothing, whatever comes after', () => {
  const record = new SendRecord();
  record.ask();
  record.wrote();
  record.ask();
  record.seal();
  expect(record.provesNotSent()).toBe(false);
  expect(record.written).toBe(1);
});

test('one request out of sight is enough to prove nothing', () => {
  const record = new SendRecord();
  record.ask();
  record.loseSight();
  expect(record.provesNotSent()).toBe(false);
});

test('after the call ended a request may not go out, and still counts as asked for', () => {
  const record = new SendRecord();
  expect(record.ask()).toBe(true);
  record.seal();
  expect(record.sealed).toBe(true);
  expect(record.ask()).toBe(false);
  expect(record.asked).toBe(2);
});
