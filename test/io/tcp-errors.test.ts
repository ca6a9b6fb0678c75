import { expect, test } from 'vitest';
import { connectReason, ListenError, lossReason } from '../../src/io/tcp-errors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code });
}

test.each(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EMFILE'])(
  '%s names the address and what to look at',
  (code) => {
    const reason = connectReason(systemError(code), '10.1.0.2:5270');
    expect(reason).toContain('10.1.0.2:5270');
    expect(reason).not.toContain(code);
    expect(reason).not.toContain('\n');
  },
);

test('an unknown code is passed on', () => {
  expect(connectReason(systemError('EWEIRD'), '10.1.0.2:5270')).toBe(
    'connecting to 10.1.0.2:5270 failed: EWEIRD: as the system says it',
  );
  expect(lossReason(systemError('EWEIRD'))).toBe('the connection failed: EWEIRD: as the system says it');
  expect(new ListenError(systemError('EWEIRD'), '[::]:5269')).toMatchObject({
    condition: 'EWEIRD',
    message: 'listening on [::]:5269 failed: EWEIRD: as the system says it',
  });
});

test('a port below 1024 names the two ways out', () => {
  expect(new ListenError(systemError('EACCES'), '0.0.0.0:269').message).toBe(
    "listening on 0.0.0.0:269 isn't permitted: take a port from 1024 on, or grant CAP_NET_BIND_SERVICE",
  );
});
