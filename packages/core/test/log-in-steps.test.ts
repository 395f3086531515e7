import { createServer } from 'node:http';
import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerDefinition } from '@algo/core';
import { Secret } from '@algo/core/adapter';
import type { BrokerRequest } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker } from './attack/support.js';
import { memoryKeys } from './simulated.js';

test('a log-in may take several steps, each of which changes something at the broker', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const step = (path: string): BrokerRequest => ({
    purpose: 'command',
    lane: 'auth',
    family: 'reads',
    method: 'POST',
    origin,
    path,
    body: '{}',
  });

  const clock = createFakeClock();
  const plain = fakeBroker(createExchange(), clock);
  const definition: BrokerDefinition = {
    ...plain,
    connect: (context) => ({
      ...plain.connect(context),
      async logIn({ fields }, call) {
        for (const path of ['/look-up', '/first', '/second']) await context.http.send(step(path), call);
        return {
          clientId: fields['clientId'] ?? '',
          secrets: { token: new Secret('token-of-the-session') },
          facts: {},
          issuedAtMs: 0,
          expiresAtMs: null,
          renewable: false,
        };
      },
    }),
  };
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [definition], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'token-of-the-user' });
  const connection = await clock.runUntil(me.establishConnection(FAKE));
  expect(connection.state.status).toBe('connected');
  expect(seen).toEqual(['/look-up', '/first', '/second']);
});
