import { describe, expect, it } from 'vitest';
import { formatFinding, place } from '../../src/config/finding.ts';
import type { GatewayFile } from '../../src/config/gateway-file.ts';
import { comingFrom, linkEnds } from '../../src/config/link-ends.ts';
import { loadConfig } from '../../src/config/load.ts';
import { fakeFiles } from './support.ts';

/* Both ends of a link, one in each of two files. */

const DENMARK = `[gateway]
domain = "rooms.denmark.lit"
local_domains = ["denmark.lit"]
[[link]]
peer = "rooms.wonderland.lit"
domains = ["wonderland.lit"]
connect = "10.1.0.2:5270"
`;

const WONDERLAND = `[gateway]
domain = "rooms.wonderland.lit"
local_domains = ["wonderland.lit"]
[[link]]
peer = "rooms.denmark.lit"
domains = ["denmark.lit"]
listen = "0.0.0.0:5270"
from = ["10.1.0.1"]
`;

const S2S = '[s2s]\nlisten = ["0.0.0.0:5269"]\n';
const HERS = 'cd'.repeat(32);
const OURS = 'ab'.repeat(32);
const pinned = (digits: string) => `tls = "pinned"\npin = "${digits}"\n`;

function read(file: string, text: string, sha256?: string): GatewayFile {
  const loaded = loadConfig(file, fakeFiles({ [file]: text }), 'copy');
  if (!loaded.ok) throw new Error(loaded.findings.map(formatFinding).join('\n'));
  return { config: loaded.config, locate: loaded.locate, sha256 };
}

function said(one: GatewayFile, other: GatewayFile): string[] {
  const remarks = [...linkEnds(one, other)];
  return [one, other].flatMap((of) => {
    const own = remarks.flatMap(([file, remark]) => (file === of ? [remark] : []));
    return place(of.config.file, own, of.locate).map(formatFinding);
  });
}

type Case = [what: string, denmark: string, wonderland: string, ...says: string[]];

function judge(cases: Case[]): void {
  it.each(cases.map(([what, d, w, ...says]) => ({ what, d, w, says })))('$what', ({ d, w, says }) => {
    expect(said(read('d', d), read('w', w))).toEqual(says);
  });
}

describe('a link', () => {
  judge([
    ['of which both say the same', DENMARK, WONDERLAND],
    ['that neither has', '[gateway]\ndomain = "a.lit"', '[gateway]\ndomain = "b.lit"'],
    [
      'that one has',
      DENMARK,
      '[gateway]\ndomain = "rooms.wonderland.lit"',
      'd:5:8: w has no [[link]] to rooms.denmark.lit (one at both ends)',
    ],
    [
      'that the other has under another name',
      DENMARK,
      WONDERLAND.replace('"rooms.denmark.lit"', '"rooms.denmrk.lit"'),
      'd:5:8: w has no [[link]] to rooms.denmark.lit (did you mean rooms.denmrk.lit in w:5?)',
    ],
    [
      'that the other has',
      '[gateway]\ndomain = "rooms.denmark.lit"',
      WONDERLAND,
      'w:5:8: d has no [[link]] to rooms.wonderland.lit (one at both ends)',
    ],
    [
      'over S2S that one has',
      `${DENMARK}transport = "s2s"\n${S2S}`,
      `[gateway]\ndomain = "rooms.wonderland.lit"\n${S2S}`,
    ],
    [
      'over S2S that the other has no stream for',
      `${DENMARK}transport = "s2s"\n${S2S}`,
      '[gateway]\ndomain = "rooms.wonderland.lit"\n',
      "d:8:13: w has no [s2s], which takes this link's stream",
    ],
    [
      'of two transports',
      `${DENMARK}transport = "s2s"\n${S2S}`,
      WONDERLAND,
      'd:8:13: transport is "s2s" here and "direct" in w:4 (the same at both ends)',
    ],
    [
      'compressed by one',
      DENMARK,
      `${WONDERLAND}compression = true\n`,
      'd:4:1: compression is false here and true in w:9 (the same at both ends)',
    ],
    [
      'compressed over S2S by one, where it is negotiated',
      `${DENMARK}transport = "s2s"\ncompression = true\n[s2s]\n`,
      `[gateway]\ndomain = "rooms.wonderland.lit"\n[[link]]\npeer = "rooms.denmark.lit"\ndomains = ["denmark.lit"]\ntransport = "s2s"\n[s2s]\nlisten = ["0.0.0.0:5270"]\n`,
    ],
    [
      'of two speeds',
      `${DENMARK}bandwidth = 2400\n`,
      `${WONDERLAND}bandwidth = 9600\n`,
      "d:8:13: warning: bandwidth is 2400 here and 9600 in w:9, and each end paces what it sends (the line's own)",
    ],
    [
      'said to lead to Openfire',
      DENMARK,
      `${WONDERLAND}dialect = "openfire"\n`,
      'w:9:11: warning: dialect is "openfire", and d is of an fmucd (auto)',
    ],
  ]);
});

describe('who dials whom', () => {
  const waiting = DENMARK.replace('connect = "10.1.0.2:5270"', 'listen = "0.0.0.0:5270"\nfrom = ["10.1.0.2"]');
  const dialling = WONDERLAND.replace(/listen.*\nfrom.*/, 'connect = "10.1.0.1:5271"');
  judge([
    ['neither', waiting, WONDERLAND, 'd:4:1: neither this end of the link nor that in w:4 dials (connect)'],
    [
      'both, and neither waits',
      DENMARK,
      dialling,
      "d:7:11: w doesn't listen for this link (listen there)",
      "w:7:11: d doesn't listen for this link (listen there)",
    ],
    ['both, and both wait', `${DENMARK}listen = "10.1.0.1:5271"\n`, `${WONDERLAND}connect = "10.1.0.1:5271"\n`],
    [
      'both, and one waits',
      `${DENMARK}listen = "10.1.0.1:5271"\n`,
      dialling,
      "d:7:11: warning: w doesn't listen for this link (listen there)",
    ],
    [
      'at another port',
      DENMARK.replace('5270', '5271'),
      WONDERLAND,
      'd:7:11: connect goes to port 5271, and w listens at 0.0.0.0:5270 (the same port)',
    ],
    [
      'at another address',
      DENMARK,
      WONDERLAND.replace('0.0.0.0', '10.1.0.3'),
      'd:7:11: warning: connect goes to 10.1.0.2, and w listens at 10.1.0.3:5270',
    ],
    ['by name', DENMARK.replace('10.1.0.2', 'box.wonderland.lit'), WONDERLAND.replace('0.0.0.0', '10.1.0.3')],
    [
      'from an address that is not let in',
      `${DENMARK}listen = "10.1.0.9:5271"\n`,
      `${WONDERLAND}connect = "10.1.0.9:5271"\n`,
      'w:8:8: from leaves out 10.1.0.9, where rooms.denmark.lit is (its address)',
    ],
    [
      'by S2S, at a port where it is not listened for streams',
      `${DENMARK}transport = "s2s"\n[s2s]\n`,
      `${WONDERLAND.replace(/listen.*\nfrom.*/, 'transport = "s2s"')}${S2S}`,
      'd:7:11: connect goes to port 5270, and w listens at 0.0.0.0:5269 (the same port)',
    ],
    [
      'by S2S, where it is not listened at all',
      `${DENMARK}transport = "s2s"\n[s2s]\n`,
      `${WONDERLAND.replace(/listen.*\nfrom.*/, 'transport = "s2s"')}[s2s]\n`,
      "d:7:11: w doesn't listen for this link (listen of [s2s] there)",
    ],
  ]);

  it('from an address of ours that the other end leaves out', () => {
    const [one, other] = [read('d', DENMARK), read('w', WONDERLAND)];
    expect([...comingFrom(one, other, '10.1.0.1')]).toEqual([]);
    const remarks = [...comingFrom(one, other, '192.0.2.2')].map(([, remark]) => remark);
    expect(place('d', remarks, one.locate).map(formatFinding)).toEqual([
      'd:7:11: warning: we come from 192.0.2.2, which from in w:8 leaves out (our address there)',
    ]);
  });
});

describe('pins', () => {
  const ends = (d: string, w: string, ours?: string, hers?: string) =>
    said(read('d', DENMARK + pinned(d), ours), read('w', WONDERLAND + pinned(w), hers));
  it("each the other's", () => {
    expect(ends(HERS, OURS, OURS, HERS)).toEqual([]);
    expect(ends(HERS, OURS)).toEqual([]);
  });
  it('of one alone', () => {
    expect(said(read('d', DENMARK + pinned(HERS)), read('w', WONDERLAND))).toEqual([
      'd:8:7: tls is "pinned" here and "off" in w:4 (the same at both ends)',
    ]);
  });
  it("each its own, which shows where a certificate can be read, or by the other's", () => {
    expect(ends(OURS, HERS, OURS, HERS)).toEqual([
      `d:9:7: pin isn't the certificate of rooms.wonderland.lit (its SHA-256: ${HERS})`,
      `w:10:7: pin isn't the certificate of rooms.denmark.lit (its SHA-256: ${OURS})`,
    ]);
    expect(ends(HERS, HERS, undefined, HERS)).toEqual([
      "d:9:7: w:10 has this pin too, so one of them is its own certificate (the other's)",
    ]);
  });
});

describe('domains', () => {
  judge([
    [
      'whose users come and are not let speak',
      DENMARK,
      WONDERLAND.replace('domains = ["denmark.lit"]\n', ''),
      'w:4:1: domains leaves out denmark.lit, whose users come over this link (local_domains of d)',
    ],
    [
      'that are nowhere there',
      DENMARK.replace('["wonderland.lit"]', '["wonderland.lit", "wonderlnd.lit"]'),
      WONDERLAND,
      'd:6:30: warning: wonderlnd.lit is neither one of local_domains in w nor beyond its links',
    ],
    [
      'beyond another link there',
      DENMARK.replace('["wonderland.lit"]', '["wonderland.lit", "france.lit"]'),
      `${WONDERLAND}[[link]]\npeer = "rooms.france.lit"\nconnect = "10.1.0.3:1"\ndomains = ["france.lit"]\n`,
    ],
    ['in doubt, where the other file does not say whose users it has', DENMARK, WONDERLAND.replace(/local.*\n/, '')],
  ]);
});
