/** The namespaces that we speak, each with the specification that defines it. */
export const NS = {
  /** RFC 6120 §4.8.5 */
  streams: 'http://etherx.jabber.org/streams',
  /** RFC 6120 §4.9.2 */
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  /** RFC 6120 §8.3.2 */
  stanzaErrors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  /** RFC 6120 §4.8.2: content namespace of client streams, and of a stanza within another one (XEP-0297 §3) */
  client: 'jabber:client',
  /** RFC 6120 §4.8.2: content namespace of server-to-server streams */
  server: 'jabber:server',
  /** XEP-0114: content namespace of component streams */
  component: 'jabber:component:accept',
  /** RFC 6120 §5.3.1 */
  tls: 'urn:ietf:params:xml:ns:xmpp-tls',
  /** RFC 6120 §6.3.1 */
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  /** XEP-0004 */
  dataForms: 'jabber:x:data',
  /** XEP-0030 */
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  /** XEP-0045 */
  muc: 'http://jabber.org/protocol/muc',
  mucUser: 'http://jabber.org/protocol/muc#user',
  mucAdmin: 'http://jabber.org/protocol/muc#admin',
  mucOwner: 'http://jabber.org/protocol/muc#owner',
  mucRoomConfig: 'http://jabber.org/protocol/muc#roomconfig',
  mucRoomInfo: 'http://jabber.org/protocol/muc#roominfo',
  mucRegister: 'http://jabber.org/protocol/muc#register',
  mucRequest: 'http://jabber.org/protocol/muc#request',
  /** A service discovery node (XEP-0045 §15.4) */
  mucTraffic: 'http://jabber.org/protocol/muc#traffic',
  mucStableId: 'http://jabber.org/protocol/muc#stable_id',
  mucSelfPing: 'http://jabber.org/protocol/muc#self-ping-optimization',
  /** XEP-0027 */
  openPgpLegacy: 'jabber:x:encrypted',
  /** XEP-0050 */
  commands: 'http://jabber.org/protocol/commands',
  /** XEP-0054 */
  vcard: 'vcard-temp',
  /** XEP-0059 */
  rsm: 'http://jabber.org/protocol/rsm',
  /** XEP-0066 */
  outOfBand: 'jabber:x:oob',
  /** XEP-0077 */
  register: 'jabber:iq:register',
  /** XEP-0091, still found in history */
  legacyDelay: 'jabber:x:delay',
  /** XEP-0133 §6 */
  adminForm: 'http://jabber.org/protocol/admin',
  /** XEP-0092 */
  version: 'jabber:iq:version',
  /** XEP-0106: a feature, and no namespace */
  jidEscaping: 'jid\\20escaping',
  /** XEP-0122 */
  validate: 'http://jabber.org/protocol/xdata-validate',
  /** XEP-0138: of the elements, and of the stream's feature */
  compress: 'http://jabber.org/protocol/compress',
  compressFeature: 'http://jabber.org/features/compress',
  /** XEP-0153 */
  vcardUpdate: 'vcard-temp:x:update',
  /** XEP-0198 */
  sm: 'urn:xmpp:sm:3',
  /** XEP-0199 */
  ping: 'urn:xmpp:ping',
  /** XEP-0202 */
  time: 'urn:xmpp:time',
  /** XEP-0203 */
  delay: 'urn:xmpp:delay',
  /** XEP-0220: of the elements, and of the stream's feature */
  dialback: 'jabber:server:dialback',
  dialbackFeature: 'urn:xmpp:features:dialback',
  /** XEP-0249 */
  conference: 'jabber:x:conference',
  /** XEP-0258 */
  securityLabel: 'urn:xmpp:sec-label:0',
  /** XEP-0288: of the element, and of the stream's feature */
  bidi: 'urn:xmpp:bidi',
  bidiFeature: 'urn:xmpp:features:bidi',
  /** XEP-0289 */
  fmuc: 'http://isode.com/protocol/fmuc',
  /** XEP-0292 */
  vcard4: 'urn:ietf:params:xml:ns:vcard-4.0',
  /** XEP-0297 */
  forward: 'urn:xmpp:forward:0',
  /** XEP-0308 */
  correction: 'urn:xmpp:message-correct:0',
  /** XEP-0313 */
  mam: 'urn:xmpp:mam:2',
  mamExtended: 'urn:xmpp:mam:2#extended',
  /** XEP-0317 */
  hats: 'urn:xmpp:hats:0',
  /** XEP-0333 */
  markers: 'urn:xmpp:chat-markers:0',
  /** XEP-0334 */
  hints: 'urn:xmpp:hints',
  receipts: 'urn:xmpp:receipts',
  /** XEP-0359 */
  stanzaId: 'urn:xmpp:sid:0',
  /** XEP-0373 */
  openPgp: 'urn:xmpp:openpgp:0',
  /** XEP-0380 */
  encryption: 'urn:xmpp:eme:0',
  /** XEP-0384, as it is and as it was before version 0.4 */
  omemo: 'urn:xmpp:omemo:2',
  omemoLegacy: 'eu.siacs.conversations.axolotl',
  /** XEP-0421 */
  occupantId: 'urn:xmpp:occupant-id:0',
  /** XEP-0424 */
  retract: 'urn:xmpp:message-retract:1',
  tombstone: 'urn:xmpp:message-retract:1#tombstone',
  /** XEP-0425 */
  moderate: 'urn:xmpp:message-moderate:1',
  /** XEP-0428 */
  fallback: 'urn:xmpp:fallback:0',
  /** Ours, between gateways that have shown that they speak it: src/fmuc/README.md */
  sync: 'urn:fmucd:sync:0',
  /** XEP-0444 */
  reactions: 'urn:xmpp:reactions:0',
  /** XEP-0461 */
  reply: 'urn:xmpp:reply:0',
  /** XEP-0478 */
  streamLimits: 'urn:xmpp:stream-limits:0',
} as const;
