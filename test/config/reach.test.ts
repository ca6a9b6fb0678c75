import { expect, it } from 'vitest';
import { everythingSaid, load } from './support.ts';

/* Whether anybody can come. */

const GATEWAY = '[gateway]\ndomain = "rooms.denmark.lit"\n';
const COMPONENT = '[component]\nsecret = "s"\n';
const LINK = '[[link]]\npeer = "rooms.wonderland.lit"\nconnect = "10.1.0.2:5270"\n';
const LISTENING = '[s2s]\nlisten = ["0.0.0.0:5269"]\n';

const NOBODY = 'warning: nobody reaches the rooms (a [component], listen in [s2s], or a [[link]])';
const NOBODY_OF_OURS =
  'warning: no users of our own can come, only those behind links (a [component], or listen in [s2s])';

it.each([
  ['nothing leads here', '', `1:1: ${NOBODY}`],
  ['S2S that listens nowhere', '[s2s]\n', `3:1: ${NOBODY}`],
  ['S2S that is not to listen', '[s2s]\nlisten = []\n', `3:1: ${NOBODY}`],
  ['a link alone', LINK, `1:1: ${NOBODY_OF_OURS}`],
  ['a link, and S2S that listens nowhere', `[s2s]\n${LINK}`, `3:1: ${NOBODY_OF_OURS}`],
  ['a link over S2S that listens nowhere', `[s2s]\n${LINK}transport = "s2s"`, `3:1: ${NOBODY_OF_OURS}`],
])('%s', (_, text, says) => {
  expect(everythingSaid(load(GATEWAY + text))).toEqual([says]);
});

it.each([
  ['a component', COMPONENT],
  ['a component and a link', COMPONENT + LINK],
  ['S2S that listens', LISTENING],
  ['S2S that listens, and a link', LISTENING + LINK],
])('not a word where there is %s', (_, text) => {
  expect(everythingSaid(load(GATEWAY + text))).toEqual([]);
});

it('not where the file has faults: what is meant is not known yet', () => {
  expect(everythingSaid(load(`${GATEWAY}[s2s]\nlisten = ["here"]`))).toEqual([
    '4:11: an entry of listen can\'t be "here" (HOST:PORT or [IPv6]:PORT)',
  ]);
});
