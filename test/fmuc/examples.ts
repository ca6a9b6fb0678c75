/*
 * The examples of XEP-0289 v0.2.1, by caption, corrected: Alice's reply comes from elsinore…/Alice; a delay is
 * `<delay xmlns='urn:xmpp:delay'/>` with a XEP-0082 stamp; elsinore is spelt so; the subject is by whom its payload names,
 * Hatter; a presence for Hatter goes to …/Hatter, as when he joins, also when he leaves; status codes are in order. Both
 * rooms are non-anonymous, as the examples show them. Alice owns rabbithole.
 */

const MUC = "xmlns='http://jabber.org/protocol/muc'";
const USER = "xmlns='http://jabber.org/protocol/muc#user'";
const FMUC = "xmlns='http://isode.com/protocol/fmuc'";
const DELAY = "xmlns='urn:xmpp:delay' from='rabbithole@rooms.wonderland.lit'";

export const HAMLET = 'hamlet@denmark.lit/priam-ubuntu-vm';
export const ALICE = 'alice@wonderland.lit/priam-ubuntu-vm';
export const HATTER = 'hatter@wonderland.lit/priam-ubuntu-vm';
export const ELSINORE = 'elsinore@talk.denmark.lit';
export const RABBITHOLE = 'rabbithole@rooms.wonderland.lit';

const none = (jid: string): string => `<x ${USER}><item affiliation='none' role='participant' jid='${jid}'/></x>`;
const owner = `<x ${USER}><item affiliation='owner' role='moderator' jid='${ALICE}'/></x>`;
const goneItem = `<item affiliation='none' role='none' jid='${HATTER}'/>`;
const fmuc = (jid: string): string => `<fmuc ${FMUC} from='${jid}'/>`;

/** What a history message says and when, in the order of the examples. */
export const HISTORY = [
  { nick: 'Alice', user: ALICE, body: 'This is an old message from the history', stamp: '2012-04-19T16:00:44Z' },
  { nick: 'Hatter', user: HATTER, body: 'This is another old message from the history', stamp: '2012-05-01T10:03:24Z' },
] as const;
export const SUBJECT = { text: 'This is the subject', stamp: '2012-05-28T14:39:34Z' } as const;

const historyTo = (to: string, room: string, payload: boolean): string[] => [
  ...HISTORY.map(
    ({ nick, user, body, stamp }) => `<message from='${room}/${nick}' to='${to}' type='groupchat'>
      ${payload ? fmuc(user) : ''}<body>${body}</body><delay ${DELAY} stamp='${stamp}'/></message>`,
  ),
  `<message from='${room}/Hatter' to='${to}' type='groupchat'>
    ${payload ? fmuc(HATTER) : ''}<subject>${SUBJECT.text}</subject><delay ${DELAY} stamp='${SUBJECT.stamp}'/></message>`,
];

/** §5.1 */
export const initialFederation = {
  userJoins: `<presence from='${HAMLET}' to='${ELSINORE}/Hamlet'><x ${MUC}/></presence>`,
  nodeJoins: `<presence from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet'>
    ${fmuc(HAMLET)}<x ${MUC}/>${none(HAMLET)}</presence>`,
  rejected: `<presence from='${RABBITHOLE}' to='${ELSINORE}'>
    <fmuc ${FMUC}><reject>No cross-domain federation.</reject></fmuc></presence>`,
  accepted: [
    `<presence from='${RABBITHOLE}/Alice' to='${ELSINORE}'>${fmuc(ALICE)}${owner}</presence>`,
    `<presence from='${RABBITHOLE}/Hamlet' to='${ELSINORE}'>${fmuc(HAMLET)}${none(HAMLET)}</presence>`,
    ...historyTo(ELSINORE, RABBITHOLE, true),
  ],
  relayed: [
    `<presence from='${ELSINORE}/Alice' to='${HAMLET}'>${owner}</presence>`,
    ...historyTo(HAMLET, ELSINORE, false),
  ],
} as const;

/** §5.2 */
export const messages = {
  userSends: `<message from='${HAMLET}' to='${ELSINORE}' type='groupchat'><body>Hi Alice</body></message>`,
  reflected: `<message from='${ELSINORE}/Hamlet' to='${HAMLET}' type='groupchat'><body>Hi Alice</body></message>`,
  carried: `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>
    <body>Hi Alice</body>${fmuc(HAMLET)}</message>`,
  delivered: `<message from='${RABBITHOLE}/Hamlet' to='${ALICE}' type='groupchat'><body>Hi Alice</body></message>`,
  reply: `<message from='${ALICE}' to='${RABBITHOLE}' type='groupchat'><body>Hi Hamlet</body></message>`,
  replyReflected: `<message from='${RABBITHOLE}/Alice' to='${ALICE}' type='groupchat'><body>Hi Hamlet</body></message>`,
  replyCarried: `<message from='${RABBITHOLE}/Alice' to='${ELSINORE}' type='groupchat'>
    <body>Hi Hamlet</body>${fmuc(ALICE)}</message>`,
  replyDelivered: `<message from='${ELSINORE}/Alice' to='${HAMLET}' type='groupchat'><body>Hi Hamlet</body></message>`,
} as const;

/** §5.3 */
export const activity = {
  userJoins: `<presence from='${HATTER}' to='${RABBITHOLE}/Hatter'><x ${MUC}/></presence>`,
  toAlice: `<presence from='${RABBITHOLE}/Hatter' to='${ALICE}'>${none(HATTER)}</presence>`,
  toHatter: [
    `<presence from='${RABBITHOLE}/Alice' to='${HATTER}'>${owner}</presence>`,
    `<presence from='${RABBITHOLE}/Hamlet' to='${HATTER}'>${none(HAMLET)}</presence>`,
    `<presence from='${RABBITHOLE}/Hatter' to='${HATTER}'>
      <x ${USER}><item affiliation='none' role='participant' jid='${HATTER}'/><status code='100'/><status code='110'/><status code='170'/></x>
    </presence>`,
  ],
  carried: `<presence from='${RABBITHOLE}/Hatter' to='${ELSINORE}/Hatter'>${fmuc(HATTER)}${none(HATTER)}</presence>`,
  toHamlet: `<presence from='${ELSINORE}/Hatter' to='${HAMLET}'>${none(HATTER)}</presence>`,
} as const;

/** §5.4 */
export const leaving = {
  userLeaves: `<presence from='${HATTER}' type='unavailable' to='${RABBITHOLE}/Hatter'/>`,
  toHatter: `<presence from='${RABBITHOLE}/Hatter' type='unavailable' to='${HATTER}'>
    <x ${USER}>${goneItem}<status code='110'/></x></presence>`,
  toAlice: `<presence from='${RABBITHOLE}/Hatter' type='unavailable' to='${ALICE}'><x ${USER}>${goneItem}</x></presence>`,
  carried: `<presence from='${RABBITHOLE}/Hatter' to='${ELSINORE}/Hatter' type='unavailable'>
    <x ${USER}>${goneItem}</x>${fmuc(HATTER)}</presence>`,
  toHamlet: `<presence from='${ELSINORE}/Hatter' type='unavailable' to='${HAMLET}'><x ${USER}>${goneItem}</x></presence>`,
  left: `<presence from='${RABBITHOLE}' to='${ELSINORE}'><fmuc ${FMUC}><left/></fmuc></presence>`,
} as const;

/** §5.6 */
export const privateMessages = {
  userSends: `<message to='${ELSINORE}/Alice' from='${HAMLET}' type='chat'>
    <body>Hi, I want to say something in private</body></message>`,
  carried: `<message to='${RABBITHOLE}/Alice' from='${ELSINORE}/Hamlet' type='chat'>
    ${fmuc(HAMLET)}<body>Hi, I want to say something in private</body></message>`,
  delivered: `<message to='${ALICE}' from='${RABBITHOLE}/Hamlet' type='chat'>
    <body>Hi, I want to say something in private</body></message>`,
} as const;
