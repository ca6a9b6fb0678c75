/**
 * What OpenSSL and Node say of TLS, in words that tell a person what to do, by Node's code. Alerts of the peer are called by
 * versions of TLS that change with OpenSSL's own, and are listed without.
 */
const TEXTS: Readonly<Record<string, string>> = {
  ERR_SSL_NO_SHARED_CIPHER: 'no cipher that both sides would use: the peer offers outdated ones only',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: "the peer doesn't take our certificate's kind of key",
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no key exchange that both sides would use',
  ERR_SSL_NO_SHARED_GROUP: 'no key exchange that both sides would use',
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the peer's TLS is too old: this takes 1.2 or later, and 1.3 where it is pinned",
  ERR_SSL_VERSION_TOO_LOW: "the peer's TLS is too old: this takes 1.2 or later",
  ERR_SSL_INAPPROPRIATE_FALLBACK: 'something on the way has tried to make the peers use an older TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: "what came isn't TLS: does the peer expect it on this port?",
  ERR_SSL_HTTP_REQUEST: "what came isn't TLS but HTTP",
  ERR_SSL_UNKNOWN_PROTOCOL: "what came isn't TLS: does the peer expect it on this port?",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "what came isn't TLS: does the peer expect it on this port?",
  ERR_SSL_BAD_RECORD_TYPE: "what came isn't TLS",
  ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: 'what came was changed on its way',
  ERR_SSL_BAD_SIGNATURE: "the peer's proof of its key is wrong",
  ERR_SSL_EE_KEY_TOO_SMALL: "the key of the peer's certificate is too short",
  ERR_SSL_CA_KEY_TOO_SMALL: "a key in the chain of the peer's certificate is too short",
  ERR_SSL_CA_MD_TOO_WEAK: "a signature in the chain of the peer's certificate is too weak",
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'the peer wants to speak something else than server-to-server XMPP here',
  ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED: "the peer's TLS lacks secure renegotiation (RFC 5746): it is too old",
  ERR_TLS_RENEGOTIATION_DISABLED: 'the peer wanted to negotiate TLS anew, which is refused',
  ALERT_PROTOCOL_VERSION: 'the peer refuses our versions of TLS: its own is too old, or ours is',
  ALERT_HANDSHAKE_FAILURE: 'the peer refuses the handshake: no cipher in common, or it wants another certificate',
  ALERT_INSUFFICIENT_SECURITY: 'the peer finds what we offer too weak',
  ALERT_UNKNOWN_CA: "the peer doesn't know the authority of our certificate",
  ALERT_BAD_CERTIFICATE: 'the peer refuses our certificate',
  ALERT_UNSUPPORTED_CERTIFICATE: "the peer doesn't take our kind of certificate",
  ALERT_CERTIFICATE_REVOKED: 'the peer says that our certificate was revoked',
  ALERT_CERTIFICATE_EXPIRED: 'the peer says that our certificate has expired: is its clock right, and ours?',
  ALERT_CERTIFICATE_UNKNOWN: 'the peer refuses our certificate',
  ALERT_CERTIFICATE_REQUIRED: 'the peer wants a certificate of ours',
  ALERT_ACCESS_DENIED: "the peer won't let us in",
  ALERT_UNRECOGNIZED_NAME: 'the peer serves no such domain',
  ALERT_NO_APPLICATION_PROTOCOL: "the peer doesn't speak server-to-server XMPP on this port",
  ALERT_DECRYPT_ERROR: 'the peer finds our proof wrong',
  ALERT_DECODE_ERROR: "the peer can't read our TLS",
  ALERT_INTERNAL_ERROR: 'the peer has met a fault of its own in the handshake',
  ALERT_UNEXPECTED_MESSAGE: "the peer didn't expect our TLS",
  ALERT_BAD_RECORD_MAC: 'the peer says that what we sent was changed on its way',
  ALERT_NO_RENEGOTIATION: "the peer won't negotiate TLS anew",
};

const OF_ALERT = /^ERR_SSL_(?:SSLV3_|TLSV1_|TLSV13_|SSL\/TLS_|TLS_)(?:ALERT_|(?=UNRECOGNIZED_NAME))/;

/** Where the connection ends before TLS stands, and nothing says why. */
export const HUNG_UP = 'TLS: the peer hung up amid the handshake: does its log say why?';

/** What the system says of a peer that hangs up. */
const HANGING_UP: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** Why TLS failed, for the log; undefined where it is no fault of TLS. */
export function tlsReason(error: Error): string | undefined {
  if (!isTlsError(error)) return undefined;
  const text = TEXTS[error.code.replace(OF_ALERT, 'ALERT_')];
  return text === undefined ? `TLS failed: ${error.message.split(/[\r\n]/, 1)[0]} (${error.code})` : `TLS: ${text}`;
}

/** The same before TLS stands, when a peer often just hangs up. */
export function handshakeReason(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && HANGING_UP.has(code) ? HUNG_UP : tlsReason(error);
}

/** Whether it is TLS that has failed, rather than the connection below. */
export function isTlsError(error: Error): error is Error & { readonly code: string } {
  return 'code' in error && typeof error.code === 'string' && /^ERR_(SSL|TLS)_/.test(error.code);
}
