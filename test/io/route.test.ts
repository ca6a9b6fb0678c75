import { expect, it } from 'vitest';
import { routeTo } from '../../src/io/route.ts';

/* By which of our addresses another is reached. */

it('this machine itself', async () => {
  expect(await routeTo({ host: '127.0.0.1', port: 9 })).toEqual({ source: '127.0.0.1' });
  expect(await routeTo({ host: '0:0:0:0:0:0:0:1', port: 9 })).toEqual({ source: '0:0:0:0:0:0:0:1' });
});

it('an address of which the system has no route', async () => {
  const { problem } = (await routeTo({ host: '255.255.255.255', port: 9 })) as { problem: string };
  expect(problem).toContain('255.255.255.255:9');
});
