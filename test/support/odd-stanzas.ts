import { Random } from '../../src/lib/random.ts';
import { childElements, Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';

/* Stanzas as no client should send them: what clients do send, with whatever can be wrong about it. */

/** Whom they come from and what they are about. */
export interface Targets {
  readonly senders: readonly string[];
  readonly service: string;
  readonly rooms: readonly string[];
  readonly nicks: readonly string[];
}

const forms = 'jabber:x:data';

/** Everything that people send to rooms, as the specifications have it. */
const PAYLOADS: readonly string[] = [
  `<x xmlns='${NS.muc}'><history maxstanzas='5' maxchars='100' seconds='60' since='2026-01-01T00:00:00Z'/><password>p</password></x>`,
  `<x xmlns='${NS.mucUser}'><invite to='a@b'><reason>r</reason><continue thread='t'/></invite></x>`,
  `<x xmlns='${NS.mucUser}'><decline to='a@b'><reason>r</reason></decline></x>`,
  `<x xmlns='${NS.mucUser}'><item affiliation='none' role='none' jid='a@b' nick='n'><actor nick='n'/><reason>r</reason></item><status code='110'/><destroy jid='a@b'/></x>`,
  `<query xmlns='${NS.mucAdmin}'><item nick='hag' role='visitor'><reason>r</reason></item></query>`,
  `<query xmlns='${NS.mucAdmin}'><item jid='hag66@denmark.lit' affiliation='member' nick='n'/></query>`,
  `<query xmlns='${NS.mucAdmin}'><item affiliation='owner'/></query>`,
  `<query xmlns='${NS.mucAdmin}'><item role='moderator'/></query>`,
  `<query xmlns='${NS.mucOwner}'/>`,
  `<query xmlns='${NS.mucOwner}'><destroy jid='a@b'><reason>r</reason><password>p</password></destroy></query>`,
  `<query xmlns='${NS.mucOwner}'>${form('submit', NS.mucRoomConfig, {
    'muc#roomconfig_roomname': 'name',
    'muc#roomconfig_maxusers': '10',
    'muc#roomconfig_whois': 'anyone',
    'muc#roomconfig_persistentroom': '1',
    'muc#roomconfig_presencebroadcast': 'moderator',
    'muc#roomconfig_getmemberlist': 'participant',
    'muc#roomconfig_allowpm': 'anyone',
    'muc#roomconfig_roomadmins': 'a@b',
    'muc#roomconfig_lang': 'en',
    'muc#roomconfig_roomowners': 'crone1@denmark.lit',
    'muc#roomconfig_enablelogging': '0',
    'muc#roomconfig_allowinvites': '1',
    'muc#roomconfig_passwordprotectedroom': '0',
    'muc#roomconfig_roomsecret': '',
  })}</query>`,
  `<query xmlns='${NS.mucOwner}'>${form('submit', NS.mucRoomConfig, {
    'fmuc#roomconfig_federate': 'nowhere@rooms.wonderland.lit',
    'fmuc#roomconfig_mode': 'primary-replica',
    'fmuc#roomconfig_accept': '*',
    'fmuc#roomconfig_leave_after': '60',
  })}</query>`,
  form('submit', 'http://jabber.org/protocol/muc#request', {
    'muc#role': 'participant',
    'muc#jid': 'hag66@denmark.lit/pda',
    'muc#roomnick': 'hag',
    'muc#request_allow': 'true',
  }),
  `<query xmlns='jabber:iq:register'>${form('submit', 'http://jabber.org/protocol/muc#register', { 'muc#register_roomnick': 'n' })}</query>`,
  `<query xmlns='jabber:iq:register'><remove/></query>`,
  `<query xmlns='jabber:iq:register'><username>n</username></query>`,
  `<query xmlns='${NS.discoInfo}' node='x-roomuser-item'/>`,
  `<query xmlns='${NS.discoInfo}'/>`,
  `<query xmlns='${NS.discoItems}'><set xmlns='http://jabber.org/protocol/rsm'><max>1</max><after>a</after></set></query>`,
  `<query xmlns='${NS.discoItems}' node='http://jabber.org/protocol/commands'/>`,
  `<query xmlns='urn:xmpp:mam:2' queryid='q'>${form('submit', 'urn:xmpp:mam:2', {
    with: 'a@b',
    start: '2026-01-01T00:00:00Z',
    end: '2026-02-01T00:00:00Z',
    'before-id': '1',
    'after-id': '1',
    ids: '1',
  })}<set xmlns='http://jabber.org/protocol/rsm'><max>5</max><before/></set><flip-page/></query>`,
  `<query xmlns='urn:xmpp:mam:2'/>`,
  `<metadata xmlns='urn:xmpp:mam:2'/>`,
  `<prefs xmlns='urn:xmpp:mam:2' default='always'><always><jid>a@b</jid></always></prefs>`,
  `<command xmlns='http://jabber.org/protocol/commands' node='list-rooms'/>`,
  `<command xmlns='http://jabber.org/protocol/commands' node='destroy-room' action='execute' sessionid='s'/>`,
  `<command xmlns='http://jabber.org/protocol/commands' node='federation' action='next'>${form('submit', 'http://jabber.org/protocol/admin', { room: 'coven@rooms.denmark.lit' })}</command>`,
  `<command xmlns='http://jabber.org/protocol/commands' node='link-status' action='cancel'/>`,
  `<command xmlns='http://jabber.org/protocol/commands' node='create-room' action='complete' sessionid='s'>${form('submit', 'http://jabber.org/protocol/admin', { name: 'heath', roomowners: 'a@b', publicroom: '1' })}</command>`,
  `<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>iVBORw0KGgo=</BINVAL></PHOTO></vCard>`,
  `<x xmlns='vcard-temp:x:update'><photo>0123</photo></x>`,
  `<moderate xmlns='${NS.moderate}' id='1'><retract xmlns='${NS.retract}'/><reason>r</reason></moderate>`,
  `<apply-to xmlns='urn:xmpp:fasten:0' id='1'><moderate xmlns='urn:xmpp:message-moderate:0'/></apply-to>`,
  `<retract xmlns='${NS.retract}' id='1'/>`,
  `<retracted xmlns='${NS.retract}' stamp='2026-01-01T00:00:00Z'/>`,
  `<replace xmlns='${NS.correction}' id='1'/>`,
  `<reactions xmlns='${NS.reactions}' id='1'><reaction>👍</reaction></reactions>`,
  `<reply xmlns='${NS.reply}' to='a@b/c' id='1'/>`,
  `<fallback xmlns='${NS.fallback}' for='${NS.reply}'><body start='0' end='3'/></fallback>`,
  `<displayed xmlns='${NS.markers}' id='1'/>`,
  `<received xmlns='${NS.receipts}' id='1'/>`,
  `<no-store xmlns='${NS.hints}'/>`,
  `<store xmlns='${NS.hints}'/>`,
  `<stanza-id xmlns='${NS.stanzaId}' by='elsinore@rooms.denmark.lit' id='1'/>`,
  `<origin-id xmlns='${NS.stanzaId}' id='1'/>`,
  `<occupant-id xmlns='urn:xmpp:occupant-id:0' id='1'/>`,
  `<delay xmlns='${NS.delay}' from='a@b' stamp='2026-01-01T00:00:00Z'/>`,
  `<x xmlns='${NS.legacyDelay}' stamp='20260101T00:00:00'/>`,
  `<x xmlns='${NS.conference}' jid='elsinore@rooms.denmark.lit' reason='r'/>`,
  `<securitylabel xmlns='${NS.securityLabel}'><displaymarking fgcolor='black'>S</displaymarking><label/></securitylabel>`,
  `<fmuc xmlns='${NS.fmuc}' from='hamlet@denmark.lit/castle'/>`,
  `<fmuc xmlns='${NS.fmuc}' from='a@b'><join/><left/><reject>r</reject></fmuc>`,
  `<have xmlns='${NS.sync}' by='elsinore@rooms.denmark.lit' to='5'/>`,
  `<ping xmlns='${NS.ping}'/>`,
  `<query xmlns='jabber:iq:version'/>`,
  `<time xmlns='urn:xmpp:time'/>`,
  `<query xmlns='jabber:iq:last'/>`,
  `<hats xmlns='urn:xmpp:hats:0'><hat uri='u' title='t'/></hats>`,
  `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'/></pubsub>`,
  `<error type='cancel'><service-unavailable xmlns='${NS.stanzaErrors}'/></error>`,
  `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>`,
  `<active xmlns='http://jabber.org/protocol/chatstates'/>`,
  '<body>words</body>',
  '<subject>about</subject>',
  '<thread>t</thread>',
  '<show>away</show>',
  '<status>gone</status>',
  '<priority>5</priority>',
];

function form(type: string, formType: string, fields: Readonly<Record<string, string>>): string {
  const all = Object.entries({ FORM_TYPE: formType, ...fields }).map(
    ([name, value]) => `<field var='${name}'><value>${value}</value></field>`,
  );
  return `<x xmlns='${forms}' type='${type}'>${all.join('')}</x>`;
}

const TYPES: Readonly<Record<'presence' | 'message' | 'iq', readonly (string | undefined)[]>> = {
  presence: [undefined, undefined, undefined, 'unavailable', 'error', 'probe', 'subscribe', 'subscribed', 'invisible'],
  message: [undefined, 'groupchat', 'groupchat', 'groupchat', 'chat', 'normal', 'headline', 'error', 'Groupchat', ''],
  iq: ['get', 'get', 'set', 'set', 'set', 'result', 'error', undefined, 'GET'],
};

/** Words that something may choke on. None is what XML can't carry. */
const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '99999999999999999999',
  '1.5',
  'NaN',
  'null',
  'true',
  '*',
  '__proto__',
  'constructor',
  'toString',
  'a@b@c',
  '@',
  '/',
  'a@b/',
  '/a',
  'hag66@denmark.lit/pda',
  'elsinore@rooms.denmark.lit',
  'elsinore@rooms.denmark.lit/hag',
  '\u202e\u200fRTL\u202c',
  'e\u0301\u0327\u0300',
  '\u{1f9d9}\u200d\u2640\ufe0f',
  '\ufdfa',
  '\u00a0',
  '\t\n\r',
  '<&\'">',
  ']]>',
  '2026-13-45T99:99:99Z',
  '2026-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  "' OR 1=1; --",
  '../../etc/passwd',
  '{{7*7}}',
  'owner',
  'outcast',
  'none',
  'moderator',
  'x'.repeat(300),
  'é'.repeat(512),
  'x'.repeat(1024),
];

/** Drawn now and then: everyone in the room gets them. */
const LONG_TEXTS: readonly string[] = ['y'.repeat(9000), 'z'.repeat(70_000)];

const ODD_RESOURCES: readonly string[] = [
  '',
  ' ',
  'a b',
  ' a ',
  '\u{1f9d9}',
  '\u202ehag',
  'e\u0301',
  'HAG',
  'x'.repeat(1023),
  'x'.repeat(1024),
  'a/b',
  'a@b',
  '__proto__',
  "'<&>",
  '\u00ad',
];

/** What leaves room for what a gateway adds; a stream that brings more is ended. */
const MAX_ELEMENTS = 3000;
/** In characters. */
const MAX_LENGTH = 120_000;

/** What only requests bring. */
const IN_REQUESTS: ReadonlySet<string> = new Set([
  'query',
  'metadata',
  'prefs',
  'command',
  'vCard',
  'moderate',
  'apply-to',
  'ping',
  'time',
  'pubsub',
  'have',
]);

/** What can go wrong with an element, beside there being hundreds of something. */
const WAYS = [
  ...(['attribute', 'attribute', 'attribute', 'attribute', 'text', 'text', 'text', 'drop'] as const),
  ...(['namespace', 'twice', 'nest', 'name', 'foreign', 'empty'] as const),
];

/** Each seed gives the same stanzas on every run. */
export class OddStanzas {
  readonly #random: Random;
  readonly #targets: Targets;
  #count = 0;

  constructor(seed: number, targets: Targets) {
    this.#random = new Random(seed);
    this.#targets = targets;
  }

  /** So many of them. */
  *take(count: number): Generator<Element> {
    for (let taken = 0; taken < count; taken += 1) yield this.#next();
  }

  /** The next one, with its `from` and `to`. It keeps within the limits of a stream. */
  #next(): Element {
    for (;;) {
      const stanza = this.#stanza();
      const isWithin = descendants(stanza).length < MAX_ELEMENTS && serialise(stanza).length < MAX_LENGTH;
      if (isWithin) return stanza;
    }
  }

  /** Each payload alone in a stanza that brings it, with each odd text in each of its places: one after the other. */
  *everyText(): Generator<Element> {
    for (const xml of PAYLOADS)
      for (let place = 0; ; place += 1) {
        let isPlace = false;
        for (const text of ODD_TEXTS) {
          const payload = parseElement(xml);
          isPlace = write(payload, place, text);
          if (!isPlace) break;
          yield this.#bringing(payload);
        }
        if (!isPlace) break;
      }
  }

  #bringing(payload: Element): Element {
    const name = kindOf(payload);
    const type =
      name === 'iq'
        ? this.#pick(['get', 'set', 'set'])
        : this.#pick(name === 'message' ? [undefined, 'groupchat', 'chat'] : [undefined]);
    const to =
      name === 'presence'
        ? `${this.#targets.rooms[0]}/hag`
        : payload.name === 'command'
          ? this.#targets.service
          : this.#targets.rooms[0];
    return element(name, { from: this.#pick(this.#targets.senders), to, type, id: `odd-${++this.#count}` }, payload);
  }

  #stanza(): Element {
    const name = this.#pick(['presence', 'message', 'message', 'iq', 'iq', 'iq', 'iq'] as const);
    const stanza = element(name, {
      from: this.#pick(this.#targets.senders),
      to: this.#address(),
      type: this.#chance(0.05) ? this.#pick(ODD_TEXTS) : this.#pick(TYPES[name]),
      id: this.#chance(0.95) ? `odd-${++this.#count}` : undefined,
      'xml:lang': this.#chance(0.05) ? this.#pick(ODD_TEXTS) : undefined,
    });
    const payloads = name === 'iq' ? this.#pick([1, 1, 1, 1, 0, 2]) : this.#pick([0, 1, 1, 2, 3, 5]);
    for (let count = 0; count < payloads; count += 1) stanza.cnode(this.#payload(name));
    if (this.#chance(0.003))
      for (let count = 0; count < 600; count += 1)
        stanza.cnode(copyOf(stanza.getChildElements()[0] ?? element('body')));
    return stanza;
  }

  /** Mostly one that belongs into such a stanza. */
  #payload(kind: string): Element {
    let payload = parseElement(this.#pick(PAYLOADS));
    while (kindOf(payload) !== kind && this.#chance(0.9)) payload = parseElement(this.#pick(PAYLOADS));
    for (let count = this.#pick([0, 0, 1, 1, 2, 4]); count > 0; count -= 1) this.#spoil(payload);
    return payload;
  }

  /** One thing more is wrong somewhere in the element. */
  #spoil(root: Element): void {
    const target = this.#pick([root, ...descendants(root)]);
    const others = childElements(target);
    const names = Object.keys(target.attrs).filter((name) => name !== 'xmlns');
    switch (this.#chance(0.005) ? 'many' : this.#pick(WAYS)) {
      case 'attribute':
        target.attrs[this.#pick([...names, ...names, 'id', 'type', 'node', 'var', 'jid', 'nick', 'odd'])] =
          this.#pick(ODD_TEXTS);
        break;
      case 'drop':
        delete target.attrs[this.#pick([...names, 'xmlns'])];
        break;
      case 'text':
        target.children = [this.#pick(this.#chance(0.02) ? LONG_TEXTS : ODD_TEXTS)];
        break;
      case 'namespace':
        target.attrs['xmlns'] = this.#pick([...Object.values(NS), 'urn:example:odd']);
        break;
      case 'twice':
        for (const child of others.slice(0, 3)) target.cnode(copyOf(child));
        break;
      case 'nest': {
        let inner = target;
        for (let depth = 0; depth < 20; depth += 1) inner = inner.cnode(element(target.name, { id: String(depth) }));
        break;
      }
      case 'many':
        for (let count = 0; count < 550; count += 1)
          target.cnode(element(others[0]?.name ?? 'item', { jid: `u${count}@b` }));
        break;
      case 'name':
        target.name = this.#pick(['item', 'x', 'query', 'value', 'field', 'odd', 'error', 'message']);
        break;
      case 'foreign':
        target.cnode(parseElement(this.#pick(PAYLOADS)));
        break;
      case 'empty':
        target.children = [];
        break;
    }
  }

  #address(): string | undefined {
    const { service, rooms, nicks } = this.#targets;
    const room = this.#pick(rooms);
    return this.#pick([
      room,
      room,
      room,
      room,
      `${room}/${this.#pick(nicks)}`,
      `${room}/${this.#pick(nicks)}`,
      `${room}/${this.#pick(nicks)}`,
      `${room}/${this.#pick(ODD_RESOURCES)}`,
      service,
      `${service}/${this.#pick(ODD_RESOURCES)}`,
      `new${Math.floor(this.#random.next() * 5)}@${service}/${this.#pick(nicks)}`,
      `${this.#pick(ODD_RESOURCES).replace(/[/@]/g, '')}@${service}/${this.#pick(nicks)}`,
    ]);
  }

  #chance(likelihood: number): boolean {
    return this.#random.next() < likelihood;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random.next() * from.length)] as T;
  }
}

/** The kind of stanza that brings such a payload. */
function kindOf({ name, attrs }: Element): 'presence' | 'message' | 'iq' {
  const namespace: unknown = attrs['xmlns'];
  if (IN_REQUESTS.has(name)) return 'iq';
  const isOfPresence = ['show', 'status', 'priority', 'c'].includes(name) || namespace === NS.muc;
  return isOfPresence || namespace === 'vcard-temp:x:update' ? 'presence' : 'message';
}

/** Puts a text into one place of an element, counted from the first: an attribute's value, or all that is inside. */
function write(root: Element, place: number, text: string): boolean {
  let index = place;
  for (const one of [root, ...descendants(root)]) {
    const names = Object.keys(one.attrs).filter((name) => name !== 'xmlns');
    if (index < names.length) {
      one.attrs[names[index] ?? ''] = text;
      return true;
    }
    index -= names.length;
    if (index === 0) {
      one.children = [text];
      return true;
    }
    index -= 1;
  }
  return false;
}

function descendants(of: Element): Element[] {
  return childElements(of).flatMap((child) => [child, ...descendants(child)]);
}

function copyOf(of: Element): Element {
  const copy = new Element(of.name, { ...(of.attrs as Record<string, string>) });
  for (const child of of.children) copy.cnode(typeof child === 'string' ? child : copyOf(child));
  return copy;
}
