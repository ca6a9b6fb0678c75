import { expect, test } from 'vitest';
import { tlsReason } from '../../src/io/tls-errors.ts';

function fault(code: string, message = 'as OpenSSL says it\nand more'): Error {
  return Object.assign(new Error(message), { code });
}

test('what is known is said in words', () => {
  expect(tlsReason(fault('ERR_SSL_NO_SHARED_CIPHER'))).toMatch(/^TLS: no cipher that both sides would use/);
});

test.each(['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'])(
  '%s is the same alert, whatever OpenSSL calls it',
  (code) => expect(tlsReason(fault(code))).toMatch(/^TLS: the peer refuses the handshake/),
);

test("what isn't known is passed on in one line", () => {
  expect(tlsReason(fault('ERR_SSL_NEWLY_MADE'))).toBe('TLS failed: as OpenSSL says it (ERR_SSL_NEWLY_MADE)');
});

test('what is no fault of TLS is left to others', () => {
  expect(tlsReason(fault('ECONNRESET'))).toBeUndefined();
  expect(tlsReason(new Error('nothing'))).toBeUndefined();
});
