import { expect, it } from 'vitest';
import { CRONE1, HAG, ROOM, RoomStory, WICCA } from '../support/room-story.ts';

/* Messages to the room that say something odd: whoever sent them hears why, nobody else anything, and nothing changes. */

const USER = "xmlns='http://jabber.org/protocol/muc#user'";
const form = (inside: string, type = 'submit'): string => `<x xmlns='jabber:x:data' type='${type}'>${inside}</x>`;
const formType = (name: string): string =>
  `<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#${name}</value></field>`;
const field = (name: string, ...values: readonly string[]): string =>
  `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;

const ODD: readonly string[] = [
  '',
  '<body>hello</body>',
  `<x ${USER}/>`,
  `<x ${USER}><invite/></x>`,
  `<x ${USER}><invite to=''/><decline to=''/></x>`,
  `<x ${USER}><invite to='@'><reason><b/></reason><continue/><continue/></invite></x>`,
  `<x ${USER}><invite xmlns='urn:x' to='p@x.lit'/></x>`,
  `<x ${USER}><decline/></x>`,
  `<x ${USER}><decline to='${'x'.repeat(3000)}@x.lit'/></x>`,
  `<invite to='p@x.lit'/>`,
  form(''),
  form('', 'form'),
  form('', 'x'),
  form(formType('roomconfig')),
  form(formType('request')),
  form(formType('register')),
  form(formType('request') + field('muc#role')),
  form(formType('request') + field('muc#role', 'moderator', 'participant')),
  form(`${formType('request')}<field/><field var=''/><value>x</value>`),
  form(formType('request') + field('muc#request_allow', 'maybe') + field('muc#jid', '@@')),
  form(formType('request') + field('muc#request_allow', '1') + field('muc#roomnick', '')),
  form(formType('register') + field('muc#register_allow', '1') + field('muc#jid', '')),
  form(formType('register') + field('muc#register_allow', '1') + field('muc#jid', 'hag66@shakespeare.lit')),
];

it.each(ODD)('%s', (inside) => {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
  const before = JSON.stringify([...(story.room?.occupants ?? [])]);
  for (const from of [CRONE1, HAG, WICCA]) {
    story.send(`<message from='${from}' to='${ROOM}' id='o'>${inside}</message>`);
    expect([[], [from]]).toContainEqual(story.gateway.recipients);
    for (const text of story.gateway.takeText(from)) expect(text).toMatch(/^<message [^>]*type="error"/);
  }
  expect(story.gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  expect(JSON.stringify([...(story.room?.occupants ?? [])])).toBe(before);
  expect(story.room?.affiliations.size).toBe(1);
});
