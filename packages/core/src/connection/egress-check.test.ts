import { expect, test } from 'vitest';
import { egressReport } from './egress-check.js';

test.each([
  ['is among the registered ones', '192.0.2.10', ['192.0.2.11', '192.0.2.10'], null, true],
  ['is not among them', '192.0.2.12', ['192.0.2.10'], null, false],
  ['is seen by the broker as another one', '192.0.2.10', ['192.0.2.10'], '198.51.100.7', false],
  [
    'is seen by the broker as a registered one, whatever the host believes',
    '10.0.0.5',
    ['192.0.2.10'],
    '192.0.2.10',
    true,
  ],
  ['is written in capitals', '2001:DB8::1', ['2001:db8::1'], null, true],
  ['is an IPv4 address in an IPv6 one', '::ffff:192.0.2.10', ['192.0.2.10'], null, true],
  ['cannot be told to be registered when the broker names none', '192.0.2.10', [], null, null],
  ['is known to nobody', null, ['192.0.2.10'], null, null],
] as const)('the address %s', (_what, address, registered, seen, isRegistered) => {
  expect(egressReport(address, { registered, seen })).toEqual({ address, registered, seen, isRegistered });
});
