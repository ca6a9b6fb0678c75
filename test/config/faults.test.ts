import { describe, expect, it } from 'vitest';
import { type FakeFiles, load, said } from './support.ts';

/** A text that is complete but for what each case adds. */
const GATEWAY = '[gateway]\ndomain = "rooms.denmark.lit"\n';
const LINK = `${GATEWAY}[[link]]\npeer = "rooms.wonderland.lit"\nconnect = "10.1.0.2:5270"\n`;
const LISTENING = `${GATEWAY}[[link]]\npeer = "rooms.wonderland.lit"\n`;
const ROOM = `${GATEWAY}[[room]]\nname = "elsinore"\n`;
const LOCAL = `${GATEWAY}local_domains = ["denmark.lit"]\n[component]\nsecret = "s"\n[[room]]\nname = "elsinore"\n`;
const COMPONENT = `${GATEWAY}[component]\n`;

type Case = [what: string, text: string, ...says: string[]];

function judge(cases: Case[], mode?: number, others?: FakeFiles): void {
  it.each(cases.map(([what, text, ...says]) => ({ what, text, says })))('$what', ({ text, says }) => {
    expect(said(load(text, mode, others))).toEqual(says);
  });
}

const KEYS = {
  value: 'text in "quotes", a number, true or false, a list, a table',
  gateway: 'known: domain, name, data, control, memory, admins, create_rooms, local_domains',
  bare: 'a bare JID, such as gertrude@denmark.lit',
  domain: 'a domain, such as denmark.lit',
  hostPort: 'HOST:PORT or [IPv6]:PORT',
};

describe('TOML', () => {
  judge([
    [
      'an unfinished string',
      `${GATEWAY}name = "Denmark\n`,
      '3:16: control characters are not allowed in strings (TOML: text ends with its quote, on the same line)',
    ],
    ['no value', `${GATEWAY}name = \n`, `3:8: invalid value (TOML: ${KEYS.value})`],
    ['text without quotes', `${GATEWAY}name = Denmark`, `3:8: invalid value (TOML: ${KEYS.value})`],
    [
      'an address without quotes',
      `${LISTENING}connect = 10.1.0.2:5270`,
      '5:15: illegal character in numeric literal (TOML: a number; an address or other text stands in "quotes")',
    ],
    [
      'one header too many',
      `${LINK}[link]\npeer = "a"`,
      '6:2: trying to redefine an already defined table or value (TOML: each key and each [table] once; [[link]] and [[room]] may come again)',
    ],
    [
      'a list without commas',
      `${GATEWAY}admins = ["a@b" "c@d"]`,
      '3:17: expected comma or end of structure (TOML: a comma between entries, ] or } behind the last)',
    ],
    [
      'a key twice',
      `${GATEWAY}domain = "b"`,
      '3:1: trying to redefine an already defined table or value (TOML: each key and each [table] once; [[link]] and [[room]] may come again)',
    ],
    [
      'a number that JavaScript would round',
      `${LINK}idle = 9007199254740993`,
      '6:8: integer value cannot be represented losslessly (TOML)',
    ],
    [
      'nothing but brackets',
      `a = ${'['.repeat(20)}`,
      '1:21: document contains excessively nested structures. aborting. (TOML)',
    ],
  ]);
});

describe('unknown names', () => {
  judge([
    [
      'a misspelled key',
      `${GATEWAY}creat_rooms = "local"`,
      '3:1: unknown key "creat_rooms" (did you mean create_rooms?)',
    ],
    ['a swapped pair', `${LINK}qeuue = {}`, '6:1: unknown table "qeuue" (did you mean queue?)'],
    ['another case', `${GATEWAY}Admins = []`, '3:1: unknown key "Admins" (did you mean admins?)'],
    ['nothing near', `${GATEWAY}colour = 1`, `3:1: unknown key "colour" (${KEYS.gateway})`],
    ['in an inline table', `${LINK}history = { mesages = 1 }`, '6:13: unknown key "mesages" (did you mean messages?)'],
    ['in a table of an array', `${ROOM}keep.agee = 1`, '5:6: unknown key "agee" (did you mean age?)'],
    ['a table', `${GATEWAY}[compnent]`, '3:2: unknown table "compnent" (did you mean component?)'],
    ['tables', `${GATEWAY}[[rooms]]\nname = "a"`, '3:3: unknown table "rooms" (did you mean room?)'],
    ['a table in a table', `${GATEWAY}[gateway.log]`, '3:10: unknown table "log" (a table of its own: [log])'],
    [
      'a key outside of any table',
      `name = "a"\n${GATEWAY}`,
      '1:1: unknown key "name" (it belongs under [gateway] or [[room]])',
    ],
    [
      'a key outside of any table that none has',
      `colour = 1\n${GATEWAY}`,
      '1:1: unknown key "colour" (known: gateway, log, component, s2s, link, room)',
    ],
    [
      'a key below a header too many',
      `${GATEWAY}[log]\nadmins = []`,
      '4:1: unknown key "admins" (it belongs under [gateway])',
    ],
    ['a key of links', `${GATEWAY}bandwidth = 1`, '3:1: unknown key "bandwidth" (it belongs under [[link]])'],
    [
      "a name of JavaScript's",
      `${GATEWAY}toString = 1\n__proto__ = 1\nconstructor = 1`,
      `3:1: unknown key "toString" (${KEYS.gateway})`,
      `4:1: unknown key "__proto__" (${KEYS.gateway})`,
      `5:1: unknown key "constructor" (${KEYS.gateway})`,
    ],
  ]);
});

describe('what must be there', () => {
  judge([
    ['a gateway', '# empty', '1:1: gateway is missing (the gateway itself: a [gateway] table with its domain)'],
    ['its domain', '\n[gateway]\nname = "a"', "2:1: domain is missing (the MUC service's own domain)"],
    ["a link's peer", `${GATEWAY}[[link]]\nconnect = "a:1"`, "3:1: peer is missing (the far gateway's domain)"],
    ["a room's name", `${GATEWAY}[[room]]`, "3:1: name is missing (the room JID's part before the @)"],
  ]);
});

describe('types', () => {
  judge([
    ['a table', 'gateway = 3', "1:11: gateway can't be 3 (a table)"],
    ['a table that is an array of tables', '[[gateway]]\ndomain = "a"', "1:1: gateway can't be a list (a table)"],
    ['a date for a table', `log = 2026-01-01\n${GATEWAY}`, "1:7: log can't be a date (a table)"],
    ['tables', `${GATEWAY}[link]\npeer = "a"`, "3:1: link can't be a table (tables, each headed [[link]])"],
    ['one of tables', `link = [1]\n${GATEWAY}`, "1:9: an entry of link can't be 1 (a table)"],
    ['an inline table', `${LINK}queue = 100`, "6:9: queue can't be 100 (a table)"],
    ['a string', '[gateway]\ndomain = 5', `2:10: domain can't be 5 (${KEYS.domain})`],
    ['text in a list', `${GATEWAY}admins = "a@b"`, '3:10: admins can\'t be "a@b" (a list of bare JIDs)'],
    ['a number in quotes', `${LINK}grace = "300"`, '6:9: grace can\'t be "300" (a whole number of seconds, 0 or more)'],
    ['a flag in quotes', `${LINK}moderate = "yes"`, '6:12: moderate can\'t be "yes" (true or false)'],
    ['a map', `${GATEWAY}[s2s]\nhosts = []`, "4:9: hosts can't be a list (a table of domains, each = HOST:PORT)"],
  ]);
});

describe('values', () => {
  const second = 'a whole number of seconds, 0 or more';
  judge([
    ['a port of 0', `${COMPONENT}secret = "s"\nport = 0`, "5:8: port can't be 0 (a whole number, 1 to 65535)"],
    [
      'a port too high',
      `${COMPONENT}secret = "s"\nport = 65536`,
      "5:8: port can't be 65536 (a whole number, 1 to 65535)",
    ],
    ['a negative number', `${ROOM}leave_after = -1`, `5:15: leave_after can't be -1 (${second})`],
    ['half a second', `${LINK}grace = 0.5`, `6:9: grace can't be 0.5 (${second})`],
    ['no number', `${LINK}grace = nan`, `6:9: grace can't be NaN (${second})`],
    ['no end', `${LINK}grace = inf`, `6:9: grace can't be Infinity (${second})`],
    [
      'in an inline table',
      `${LINK}queue = { age = 1, bytes = -1 }`,
      "6:28: bytes can't be -1 (a whole number of bytes, 0 or more)",
    ],
    [
      'a word near one',
      `${LINK}dialect = "opnfire"`,
      '6:11: dialect can\'t be "opnfire" (auto, fmucd, xep or openfire; did you mean openfire?)',
    ],
    ['too little memory', `${GATEWAY}memory = 16`, "3:10: memory can't be 16 (a whole number of MB, 32 or more)"],
    [
      'a word near none',
      `${GATEWAY}create_rooms = "friends"`,
      '3:16: create_rooms can\'t be "friends" (everyone, local, admins or nobody)',
    ],
    [
      'a mode',
      `${ROOM}mode = "primary"`,
      '5:8: mode can\'t be "primary" (primary-primary, primary-replica, master-master or master-slave)',
    ],
    ['an empty name', `${GATEWAY}name = ""`, '3:8: name can\'t be "" (text on one line)'],
    ['a name unfit for XML', `${GATEWAY}name = "a\\u0001"`, '3:8: name can\'t be "a\\u0001" (text on one line)'],
    ['an empty path', `${GATEWAY}data = ""`, '3:8: data can\'t be "" (a path)'],
    ['a JID for a domain', '[gateway]\ndomain = "a@b"', `2:10: domain can't be "a@b" (${KEYS.domain})`],
    [
      'a full JID for a bare one',
      `${GATEWAY}admins = ["a@b", "a@b/c"]`,
      `3:18: an entry of admins can't be "a@b/c" (${KEYS.bare})`,
    ],
    [
      'a domain for a JID',
      `${GATEWAY}admins = [\n  "denmark.lit",\n]`,
      `4:3: an entry of admins can't be "denmark.lit" (${KEYS.bare})`,
    ],
    [
      'a local domain',
      `${GATEWAY}local_domains = ["a b"]`,
      `3:18: an entry of local_domains can't be "a b" (${KEYS.domain})`,
    ],
    [
      'a room name',
      `${GATEWAY}[[room]]\nname = "a@b"`,
      '4:8: name can\'t be "a@b" (a room JID\'s part before the @, such as elsinore)',
    ],
    [
      'a room to join',
      `${ROOM}federate = "denmark.lit"`,
      '5:12: federate can\'t be "denmark.lit" (a room JID, such as elsinore@rooms.denmark.lit)',
    ],
    [
      'a joiner',
      `${ROOM}accept = ["*", "a@b/c"]`,
      '5:16: an entry of accept can\'t be "a@b/c" (a room JID, a domain or "*")',
    ],
    [
      'a host with a port',
      `${COMPONENT}secret = "s"\nhost = "localhost:5347"`,
      '5:8: host can\'t be "localhost:5347" (a host name or a numeric address, no port)',
    ],
    [
      'an address without a port',
      `${LISTENING}connect = "10.1.0.2"`,
      `5:11: connect can't be "10.1.0.2" (${KEYS.hostPort})`,
    ],
    [
      'an IPv6 address without brackets',
      `${LISTENING}connect = "::1:5270"`,
      `5:11: connect can't be "::1:5270" (${KEYS.hostPort})`,
    ],
    [
      'a mistyped IPv4 address',
      `${LISTENING}connect = "10.1.0.256:1"`,
      `5:11: connect can't be "10.1.0.256:1" (${KEYS.hostPort})`,
    ],
    [
      'a name in from',
      `${LISTENING}listen = "0.0.0.0:1"\nfrom = ["wonderland.lit"]`,
      '6:9: an entry of from can\'t be "wonderland.lit" (a numeric address, such as 10.1.0.2)',
    ],
    ['a pin', `${LINK}pin = "abc"`, '6:7: pin can\'t be "abc" (a SHA-256 sum, 64 hexadecimal digits)'],
    [
      'a host known without DNS',
      `${GATEWAY}[s2s]\nhosts = { "a.lit" = "b" }`,
      `4:21: a.lit can't be "b" (${KEYS.hostPort})`,
    ],
    [
      'whose host it is',
      `${GATEWAY}[s2s]\nhosts = { "a b" = "b:1" }`,
      `4:11: a key of hosts can't be "a b" (${KEYS.domain})`,
    ],
    [
      'a socket path too long',
      `${GATEWAY}control = "/${'a'.repeat(107)}"`,
      '3:11: control is too long for a socket (107 bytes)',
    ],
  ]);
});

describe('the secret', () => {
  const open = { text: 's\n', mode: 0o100640 };
  judge([
    ['none', COMPONENT, '3:1: the component has no secret (secret or secret_file)'],
    ['empty', `${COMPONENT}secret = ""`, "4:10: secret can't be that (text in quotes, not empty)"],
    [
      'a number, which is not repeated',
      `${COMPONENT}secret = 1234`,
      "4:10: secret can't be that (text in quotes, not empty)",
    ],
  ]);
  judge(
    [
      [
        'both',
        `${COMPONENT}secret = "s"\nsecret_file = "/good"`,
        '5:15: there is a secret already (secret or secret_file)',
      ],
      [
        'a file with an empty first line',
        `${COMPONENT}secret_file = "/empty"`,
        '4:15: the first line of secret_file is empty (the secret)',
      ],
      [
        'a file that is not there',
        `${COMPONENT}secret_file = "no"`,
        "4:15: secret_file can't be read: no such file or directory (a file whose first line is the secret)",
      ],
      [
        'a file open to others',
        `${COMPONENT}secret_file = "/open"`,
        '4:15: the secret is in a file open to others, mode 640 (600)',
      ],
    ],
    0o100600,
    { '/good': 's', '/empty': '\ns', '/open': open },
  );
  judge(
    [
      [
        'in this file, open to others',
        `${COMPONENT}secret = "s"`,
        '4:10: the secret is in a file open to others, mode 604 (600)',
      ],
    ],
    0o100604,
  );
  judge([['elsewhere, this file open to others', `${COMPONENT}secret_file = "/s"`]], 0o100644, { '/s': 's' });
});

describe('links', () => {
  const another = `[[link]]\npeer = "rooms.france.lit"\n`;
  const pinned = (digits: string) => `${LISTENING}tls = "pinned"\npin = "${digits.repeat(32)}"\n`;
  const nobody = 'nobody may connect to listen (from, or a numeric address in connect)';
  judge([
    ['no way to connect', LISTENING, '3:1: the link can neither dial nor be dialled (connect, listen or both)'],
    ['nobody who may connect', `${LISTENING}listen = "0.0.0.0:1"`, `5:10: ${nobody}`],
    ['nobody in from', `${LISTENING}listen = "0.0.0.0:1"\nfrom = []`, `5:10: ${nobody}`],
    ['nobody in from, whatever is in connect', `${LINK}listen = "0.0.0.0:1"\nfrom = []`, `6:10: ${nobody}`],
    ['a name in connect tells no address', `${LISTENING}listen = "0.0.0.0:1"\nconnect = "far:1"`, `5:10: ${nobody}`],
    ['from without listen', `${LINK}from = ["10.1.0.2"]`, '6:8: from does nothing without listen'],
    [
      'a faulty connect is no missing one',
      `${LISTENING}listen = "0.0.0.0:1"\nconnect = "far"`,
      `6:11: connect can't be "far" (${KEYS.hostPort})`,
    ],
    ['a pin without TLS', `${LINK}pin = "${'ab'.repeat(32)}"`, '6:7: pin does nothing without tls = "pinned"'],
    ['TLS without a pin', `${LINK}tls = "pinned"`, '6:7: tls = "pinned" needs a pin (SHA-256 of the certificate)'],
    [
      'TLS with an empty pin',
      `${LINK}tls = "pinned"\npin = ""`,
      '7:7: tls = "pinned" needs a pin (SHA-256 of the certificate)',
    ],
    ['TLS with a pin', `${LISTENING}listen = "a:1"\ntls = "pinned"\npin = "${'AB:'.repeat(31)}AB"`],
    [
      'TLS that nobody may begin',
      `${LISTENING}listen = "a:1"\nfrom = []\ntls = "pinned"\npin = "${'ab'.repeat(32)}"`,
      '6:8: nobody may connect to listen (addresses, or no from: whoever has the pin)',
    ],
    [
      'a listener that two pins share',
      `${pinned('ab')}listen = "a:1"\n${another}listen = "a:1"\ntls = "pinned"\npin = "${'cd'.repeat(32)}"`,
    ],
    [
      'one pin twice on a listener',
      `${pinned('ab')}listen = "a:1"\n${another}listen = "a:1"\ntls = "pinned"\npin = "${'AB'.repeat(32)}"`,
      '12:7: another link waits here for that pin too (the certificate of its own peer)',
    ],
    [
      'one pin on two listeners',
      `${pinned('ab')}listen = "a:1"\n${another}listen = "a:2"\ntls = "pinned"\npin = "${'ab'.repeat(32)}"`,
      "12:7: warning: the link to rooms.wonderland.lit has that pin too (its own peer's certificate)",
    ],
    [
      'a listener with and without TLS',
      `${pinned('ab')}listen = "a:1"\n${another}listen = "a:1"\nfrom = ["10.0.0.9"]`,
      '10:10: another link waits here with tls = "pinned" (another port, or the same tls)',
    ],
    [
      'a listener without and with TLS',
      `${LINK}listen = "a:1"\n${another}listen = "a:1"\ntls = "pinned"\npin = "${'cd'.repeat(32)}"`,
      '9:10: another link waits here with tls = "off" (another port, or the same tls)',
    ],
    [
      'the same peer',
      `${LINK}[[link]]\npeer = "Rooms.Wonderland.lit"\nconnect = "a:1"`,
      '7:8: another link leads to rooms.wonderland.lit already (one to each peer)',
    ],
    [
      'a domain behind two links, one of them its own',
      `${LINK}domains = ["a.lit", "rooms.france.lit"]\n${another}connect = "a:1"\ndomains = ["a.lit"]`,
    ],
    ['a peer among its own domains', `${LINK}domains = ["rooms.wonderland.lit"]`],
    [
      'our own domain as peer',
      `${GATEWAY}[[link]]\npeer = "rooms.denmark.lit"\nconnect = "a:1"`,
      "4:8: rooms.denmark.lit is this gateway's own domain (the far side's domains)",
    ],
    [
      'a local domain beyond the link',
      `[gateway]\ndomain = "rooms.denmark.lit"\nlocal_domains = ["denmark.lit"]\n[[link]]\npeer = "a.lit"\nconnect = "a:1"\ndomains = ["denmark.lit"]`,
      "7:12: denmark.lit is one of local_domains too (the far side's domains)",
    ],
    [
      'the same listener and address',
      `${LINK}listen = "0.0.0.0:1"\n${another}listen = "0.0.0.0:1"\nfrom = ["10.0.0.9", "10.1.0.2"]`,
      '9:10: another link waits here for 10.1.0.2 too (another port, or other addresses in from)',
    ],
    [
      'the same listener, another address',
      `${LINK}listen = "0.0.0.0:1"\n${another}listen = "0.0.0.0:1"\nfrom = ["10.1.0.3"]`,
    ],
    [
      'the same listener, an address in doubt',
      `${LINK}listen = "0.0.0.0:1"\n${another}listen = "0.0.0.0:1"\nconnect = "10.1.0.2:1"\nfrom = 3`,
      "11:8: from can't be 3 (a list of numeric addresses)",
    ],
    [
      'the same address, another listener',
      `${LINK}listen = "0.0.0.0:1"\n${another}listen = "0.0.0.0:2"\nfrom = ["10.1.0.2"]`,
    ],
    [
      'the same IPv6 address in another form',
      `${LINK}listen = "[::]:1"\nfrom = ["fe80::1"]\n${another}listen = "[0::0]:1"\nfrom = ["FE80::0:1"]`,
      '10:10: another link waits here for fe80:0:0:0:0:0:0:1 too (another port, or other addresses in from)',
    ],
  ]);
});

describe('where links dial', () => {
  const another = `[[link]]\npeer = "rooms.france.lit"\n`;
  const back = 'connect leads back to us: we wait at';
  judge([
    [
      'a place that another link dials',
      `${LINK}${another}connect = "10.1.0.2:5270"`,
      '8:11: another link dials 10.1.0.2:5270 already (one peer waits there)',
    ],
    ['another port of one machine', `${LINK}${another}connect = "10.1.0.2:5271"`],
    [
      'one server of several domains',
      `${GATEWAY}[s2s]\n[[link]]\npeer = "a.lit"\ntransport = "s2s"\nconnect = "a:1"\n[[link]]\npeer = "b.lit"\ntransport = "s2s"\nconnect = "a:1"`,
    ],
    [
      'its own listener',
      `${LINK}listen = "10.1.0.2:5270"`,
      `5:11: ${back} 10.1.0.2:5270 ourselves (where the peer waits)`,
    ],
    [
      "another's listener, on this machine",
      `${LISTENING}connect = "127.0.0.1:5271"\n${another}listen = "0.0.0.0:5271"\nfrom = ["10.1.0.3"]`,
      `5:11: ${back} 0.0.0.0:5271 ourselves (where the peer waits)`,
    ],
    [
      'the listener of [s2s]',
      `${LISTENING}connect = "[::1]:5269"\n[s2s]\nlisten = ["[::]:5269"]`,
      `5:11: ${back} [0:0:0:0:0:0:0:0]:5269 ourselves (where the peer waits)`,
    ],
    [
      'no place at all',
      `${LISTENING}connect = "0.0.0.0:1"\nlisten = "10.1.0.1:1"\nfrom = ["10.1.0.2"]`,
      `5:11: ${back} 10.1.0.1:1 ourselves (where the peer waits)`,
    ],
    ['another address of this machine, maybe', `${LISTENING}connect = "10.1.0.1:1"\nlisten = "0.0.0.0:1"`],
    [
      "the component's server",
      `${COMPONENT}secret = "s"\n[[link]]\npeer = "a.lit"\nconnect = "127.0.0.1:5347"`,
      '7:11: the server of [component] is at 127.0.0.1:5347 (where the peer waits)',
    ],
    [
      'addresses that cannot come to a listener of IPv4',
      `${LISTENING}listen = "0.0.0.0:1"\nfrom = ["10.1.0.2", "fe80::1"]`,
      '6:21: nobody comes from fe80:0:0:0:0:0:0:1 to 0.0.0.0 (IPv4 addresses, or listen at [::])',
    ],
    [
      'nor to one of IPv6',
      `${LISTENING}listen = "[fe80::2]:1"\nfrom = ["10.1.0.2", "fe80::1"]`,
      '6:9: nobody comes from 10.1.0.2 to fe80:0:0:0:0:0:0:2 (IPv6 addresses, or listen at [::])',
    ],
    ['addresses of both kinds to one that takes them', `${LISTENING}listen = "[::]:1"\nfrom = ["10.1.0.2", "fe80::1"]`],
  ]);
});

describe('what a slow link never brings across', () => {
  const paced = (rest: string) => `${LINK}bandwidth = 300\n${rest}`;
  judge([
    ['what it does', paced('queue = { bytes = 3240000, age = 86400 }')],
    [
      'a queue',
      paced('queue = { bytes = 3240001, age = 86400 }'),
      '7:9: warning: queue holds what is too old before it is across: 3240001 bytes take 24 h at 300 bit/s, and age is 24 h (bytes up to 3240000)',
    ],
    [
      'a history',
      paced('history = { bytes = 100000, age = 600 }'),
      '7:11: warning: history holds what is too old before it is across: 100000 bytes take 2667 s at 300 bit/s, and age is 600 s (bytes up to 22500)',
    ],
    [
      'ten times as much where it is compressed',
      paced('compression = true\nqueue = { bytes = 32400000, age = 86400 }'),
    ],
    [
      'and not more',
      paced('compression = true\nqueue = { bytes = 40000000, age = 86400 }'),
      '8:9: warning: queue holds what is too old before it is across: 40000000 bytes take 29.6 h at 300 bit/s even compressed, and age is 24 h (bytes up to 32400000)',
    ],
    ['nothing, where it is asked for', paced('history = { bytes = 0, age = 0 }')],
    [
      'the default',
      `${LINK}bandwidth = 50`,
      '6:13: warning: queue holds what is too old before it is across: 4194304 bytes take 186.4 h at 50 bit/s, and age is 168 h (bytes up to 3780000)',
    ],
    ['the default, at the slowest of HF', `${LINK}bandwidth = 75`],
    [
      'a message, where kbit/s are meant',
      `${LINK}bandwidth = 9`,
      '6:13: warning: a message of 100 bytes takes 89 s at 9 bit/s (bit/s, not kbit/s)',
    ],
  ]);
});

describe('trees', () => {
  const far = (rest: string) => `${LINK}[[room]]\nname = "elsinore"\n${rest}`;
  const second = (rest: string) => `[[room]]\nname = "castle"\n${rest}`;
  judge([
    [
      'a node above and below',
      far('federate = "a@rooms.wonderland.lit"\naccept = ["a@rooms.wonderland.lit"]'),
      '9:11: warning: this room joins a@rooms.wonderland.lit itself, so that one is refused: it would be a circle (nodes below this one)',
    ],
    ['its neighbour below', far('federate = "a@rooms.wonderland.lit"\naccept = ["b@rooms.wonderland.lit", "*"]')],
    [
      'any of two above, and the other below',
      far('federate = ["a@rooms.wonderland.lit", "b@rooms.wonderland.lit"]\naccept = ["a@rooms.wonderland.lit"]'),
    ],
    [
      'two rooms that join one',
      far(`federate = "a@rooms.wonderland.lit"\n${second('federate = "a@rooms.wonderland.lit"')}`),
      '11:12: warning: room elsinore joins a@rooms.wonderland.lit too: what is said in one is said in both (another node)',
    ],
    [
      'a room above a node, and one below',
      far(`accept = ["a@rooms.wonderland.lit"]\n${second('federate = "a@rooms.wonderland.lit"')}`),
      '8:11: warning: room castle joins a@rooms.wonderland.lit: if that joins this one, what is said in one is said in both',
    ],
    ['two rooms apart', far(`federate = "a@rooms.wonderland.lit"\n${second('federate = "b@rooms.wonderland.lit"')}`)],
  ]);
});

describe('rooms', () => {
  const nodes = (count: number) =>
    `[${Array.from({ length: count }, (_, index) => `"r${index}@rooms.wonderland.lit"`).join(',\n')}]`;
  judge([
    [
      'one name twice, as prepared',
      `${ROOM}[[room]]\nname = "Elsinore"`,
      '6:8: another room is named elsinore already (names after preparation, RFC 7622)',
    ],
    [
      'a room that joins itself',
      `${ROOM}federate = "Elsinore@rooms.denmark.lit"`,
      '5:12: elsinore@rooms.denmark.lit is this room itself (a room of another node)',
    ],
    [
      'another room of ours',
      `${ROOM}federate = "castle@rooms.denmark.lit"`,
      '5:12: castle@rooms.denmark.lit is on this gateway itself (a room of another node)',
    ],
    [
      'a room at a domain of ours',
      `${LOCAL}federate = "a@denmark.lit"`,
      '8:12: denmark.lit is one of local_domains (a room of another node)',
    ],
    [
      'a domain that nothing reaches',
      `${LINK}[[room]]\nname = "elsinore"\nfederate = "a@b.lit"`,
      '8:12: nothing reaches b.lit (the peer or domains of a [[link]], [s2s], or a [component])',
    ],
    ['the peer of a link', `${LINK}[[room]]\nname = "elsinore"\nfederate = "a@rooms.wonderland.lit"`],
    ['a further domain of a link', `${LINK}domains = ["b.lit"]\n[[room]]\nname = "elsinore"\nfederate = "a@b.lit"`],
    ['any domain, by the component', `${COMPONENT}secret = "s"\n[[room]]\nname = "elsinore"\nfederate = "a@b.lit"`],
    ['any domain, by S2S', `${ROOM}federate = "a@b.lit"\n[s2s]`],
    [
      'faults of entries, each in its place',
      `${LINK}[[room]]\nname = "elsinore"\nfederate = ["a@b.lit", "elsinore@rooms.denmark.lit",\n  "wonderland.lit",\n  "a@rooms.wonderland.lit"]`,
      '8:13: nothing reaches b.lit (the peer or domains of a [[link]], [s2s], or a [component])',
      '8:24: elsinore@rooms.denmark.lit is this room itself (a room of another node)',
      '9:3: an entry of federate can\'t be "wonderland.lit" (a room JID, such as elsinore@rooms.denmark.lit)',
    ],
    [
      'a node twice, as prepared',
      `${LINK}[[room]]\nname = "elsinore"\nfederate = ["a@rooms.wonderland.lit", "A@Rooms.Wonderland.lit"]`,
      '8:39: federate names a@rooms.wonderland.lit already (each node once)',
    ],
    ['as many nodes as there may be', `${LINK}[[room]]\nname = "elsinore"\nfederate = ${nodes(8)}`],
    [
      'a node more',
      `${LINK}[[room]]\nname = "elsinore"\nfederate = ${nodes(9)}`,
      '16:1: federate names 9 nodes (8 or fewer)',
    ],
    [
      'no node in the list',
      `${ROOM}federate = []`,
      '5:12: federate is empty (name at least one node, or leave it out)',
    ],
    ['a number', `${ROOM}federate = 5`, "5:12: federate can't be 5 (a room JID, such as elsinore@rooms.denmark.lit)"],
    [
      'nodes that can never join',
      `${LINK}[[room]]\nname = "elsinore"\naccept = ["*", "b.lit",\n"elsinore@rooms.denmark.lit",\n"castle@rooms.denmark.lit",\n"rooms.denmark.lit",\n"a@b.lit"]`,
      '8:16: nothing reaches b.lit (the peer or domains of a [[link]], [s2s], or a [component])',
      '9:1: elsinore@rooms.denmark.lit is this room itself (rooms or domains of other nodes)',
      '10:1: castle@rooms.denmark.lit is on this gateway itself (rooms or domains of other nodes)',
      '11:1: rooms.denmark.lit is on this gateway itself (rooms or domains of other nodes)',
      '12:1: nothing reaches b.lit (the peer or domains of a [[link]], [s2s], or a [component])',
    ],
    [
      'a user among the nodes that may join',
      `${LOCAL}accept = ["hamlet@denmark.lit"]`,
      '8:11: denmark.lit is one of local_domains (rooms or domains of other nodes)',
    ],
    [
      'nodes that may join',
      `${LINK}[[room]]\nname = "elsinore"\naccept = ["rooms.wonderland.lit", "a@rooms.wonderland.lit"]`,
    ],
    [
      'any node, where none is told from a user',
      `${COMPONENT}secret = "s"\n[[room]]\nname = "elsinore"\naccept = ["*"]`,
      '7:10: warning: "*" lets nobody join where nothing tells nodes from users (nodes by name, a [[link]], or local_domains)',
    ],
    ['any node, where local_domains tells', `${LOCAL}accept = ["*"]`],
    ['any node of a link', `${LINK}[[room]]\nname = "elsinore"\naccept = ["*"]`],
    [
      'any node, and one by name',
      `${COMPONENT}secret = "s"\n[[room]]\nname = "elsinore"\naccept = ["*", "rooms.wonderland.lit"]`,
    ],
    ['leaving without joining', `${ROOM}leave_after = 60`, '5:15: warning: leave_after does nothing without federate'],
    [
      'a mode of a room that is alone',
      `${ROOM}mode = "master-slave"`,
      '5:8: warning: mode = "primary-replica" does nothing without federate or accept',
    ],
    ['a primary', `${LINK}[[room]]\nname = "elsinore"\naccept = ["*"]\nmode = "primary-replica"`],
    [
      'a replica of Openfire',
      `${LINK}dialect = "openfire"\n[[room]]\nname = "elsinore"\nmode = "primary-replica"\nfederate = "a@rooms.wonderland.lit"`,
      "10:12: a@rooms.wonderland.lit can't be the primary: Openfire never echoes messages (mode, or another node)",
    ],
    [
      'a replica of another node than Openfire',
      `${LINK}[[link]]\npeer = "b.lit"\nconnect = "b:1"\ndomains = ["rooms.wonderland.lit"]\ndialect = "openfire"\n[[room]]\nname = "elsinore"\nmode = "primary-replica"\nfederate = "a@rooms.wonderland.lit"`,
    ],
    [
      'a replica of a plain node',
      `${LINK}dialect = "xep"\n[[room]]\nname = "elsinore"\nmode = "primary-replica"\nfederate = "a@rooms.wonderland.lit"`,
    ],
    ['links in doubt', `link = 1\n${ROOM}federate = "a@b.lit"`, "1:8: link can't be 1 (tables, each headed [[link]])"],
    [
      'a link in doubt',
      `${LINK}domains = ["b lit"]\n[[room]]\nname = "elsinore"\nfederate = "a@b.lit"`,
      `6:12: an entry of domains can't be "b lit" (${KEYS.domain})`,
    ],
  ]);
});

describe('what asks for little', () => {
  judge([
    [
      'what Openfire does not speak',
      `${LINK}compression = true\ndialect = "openfire"`,
      '6:15: compression = true takes an fmucd at the other end (false, or another dialect)',
    ],
    [
      'as much history as rooms keep',
      `${LINK}history = { messages = 1000 }\n[[room]]\nname = "a"\nkeep = { messages = 10 }`,
    ],
    [
      'more history than any room keeps',
      `${LINK}history = { messages = 5001 }\n[[room]]\nname = "a"\nkeep = { messages = 5000 }`,
      '6:24: warning: history brings 5001 messages across, and no room keeps more than 5000 (keep in [[room]], or fewer)',
    ],
    [
      'more than one room keeps, and a room that keeps all',
      `${LINK}history = { messages = 5001 }\n[[room]]\nname = "a"\nkeep = { messages = 0 }`,
    ],
    ['policies of presence', `${LINK}presence = "none"\ncoalesce = 10`],
    [
      'what asks for nothing',
      `${LINK}transport = "direct"\ntls = "off"\ncompression = false\nbandwidth = 0\nidle = 0\npresence = "full"\ncoalesce = 0`,
    ],
    [
      'a fault in its place',
      `${LINK}bandwidth = "fast"`,
      '6:13: bandwidth can\'t be "fast" (a whole number of bit/s, 0 or more)',
    ],
  ]);
});

it('every fault is found in one run, in the order of the file', () => {
  const text = `[gateway]
domain = "rooms.denmark.lit"
admins = ["a", "gertrude@denmark.lit", 7]
levels = 1
[component]
port = "5347"
[[link]]
pier = "rooms.wonderland.lit"
tls = "pinned"
history = { messages = -1, bytes = "all" }
[[link]]
peer = "rooms.denmark.lit"
bandwidth = 2400
[[room]]
name = "elsinore"
federate = "elsinore@rooms.denmark.lit"
`;
  expect(said(load(text))).toEqual([
    `3:11: an entry of admins can't be "a" (${KEYS.bare})`,
    `3:40: an entry of admins can't be 7 (${KEYS.bare})`,
    `4:1: unknown key "levels" (${KEYS.gateway})`,
    '5:1: the component has no secret (secret or secret_file)',
    '6:8: port can\'t be "5347" (a whole number, 1 to 65535)',
    "7:1: peer is missing (the far gateway's domain)",
    '7:1: the link can neither dial nor be dialled (connect, listen or both)',
    '8:1: unknown key "pier" (did you mean peer?)',
    '9:7: tls = "pinned" needs a pin (SHA-256 of the certificate)',
    "10:24: messages can't be -1 (a whole number of messages, 0 or more)",
    '10:36: bytes can\'t be "all" (a whole number of bytes, 0 or more)',
    '11:1: the link can neither dial nor be dialled (connect, listen or both)',
    "12:8: rooms.denmark.lit is this gateway's own domain (the far side's domains)",
    '16:12: elsinore@rooms.denmark.lit is this room itself (a room of another node)',
  ]);
});
