import { Random } from '../../src/lib/random.ts';

/* A fixed sample of what crosses between two gateways of ours, to hold the encoding to its budgets. */

const SITES = [
  { room: 'elsinore@rooms.denmark.lit', domain: 'denmark.lit' },
  { room: 'rabbithole@rooms.wonderland.lit', domain: 'wonderland.lit' },
  { room: 'cell@rooms.island.lit', domain: 'island.lit' },
] as const;
const FROM = SITES[0].room;
const TO = SITES[1].room;
const NICKS =
  'Hamlet Ophelia Laertes Horatio Gertrude Polonius Claudius Alice Hatter Duchess Rabbit Queen Dormouse Gryphon Prospero Ariel Miranda Caliban Ferdinand Trinculo';
const RESOURCES = ['castle', 'phone', 'laptop', 'garden'];
const USERS = NICKS.split(' ').map((nick, index) => {
  const site = SITES[Math.floor(index / 7)]!;
  return { nick, room: site.room, jid: `${nick.toLowerCase()}@${site.domain}/${RESOURCES[index % 4]}` };
});

/** `#` is a digit, `*` one of the things, `%` one of the words. */
const BODIES = [
  'now in position at grid #### ####',
  'moving to *, there in 1# minutes',
  'request * at checkpoint # % % %',
  'roger, will report when * is clear',
  'sitrep 1###: # trucks at *, % quiet',
  'the road % of * is blocked, going round by *',
  'need # boxes of * before ##00',
  'does % have a spare % for the generator?',
  'ok, %',
  '% % % % % *',
  '% % *, % % % %',
  'wind % % turned, * will be %',
  'we % * near the % about an % ago',
];
const THINGS =
  'water,fuel,a medic,the bridge,camp north,hill 204,batteries,the school,rations,the depot,a driver,the ferry,blankets,the old mill,antenna,the clinic';
const WORDS =
  'about after again ask before behind boat bring call can check come done drop east find first get give go hand have help here hold hour inside keep last late leave left let long look lost many men more move must need next night north not now old one only out over part pass rest road run safe same see send slow small some soon south stay still stop take talk tell ten that them then they three time today turn two until wait walk watch west what when where who with women work yes you';

type User = (typeof USERS)[number];
type State = 'here' | 'away' | 'gone';

/** The same seed gives the same sample. */
export class Sample {
  readonly #random: Random;
  #sequence = 5_200_000;
  #now = Date.parse('2026-01-01T08:00:00.000Z');

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Live messages of all users, as they leave one by one. */
  messages(count: number): string[] {
    return Array.from({ length: count }, () => this.#message(''));
  }

  /** Missed messages, ten to a flush. */
  history(count: number): string[] {
    return Array.from({ length: count / 10 }, () =>
      Array.from({ length: 10 }, () => {
        this.#now += Math.floor(this.#random.next() * 60_000);
        const stamp = new Date(this.#now).toISOString();
        return this.#message(`<delay xmlns="urn:xmpp:delay" from="${FROM}" stamp="${stamp}"/>`);
      }).join(''),
    );
  }

  /** Everyone in the room, in one flush. */
  occupants(): string {
    return USERS.map((user) => presence(user, TO, 'here')).join('');
  }

  /** An hour in which users go or are away for a while, again and again, gathered over a minute: the last state of each wins. */
  presenceHour(events: number): string[] {
    const state = new Map(USERS.map((user) => [user, 'here']));
    const windows = Array.from({ length: 61 }, () => new Map<User, State>());
    for (let event = 0; event < events; event += 2) {
      const [user, since] = [this.#pick(USERS), this.#random.next() * 60];
      windows[Math.floor(since)]?.set(user, this.#pick(['away', 'gone']));
      windows[Math.floor(since + this.#random.next() * 2)]?.set(user, 'here');
    }
    return windows.map((window) =>
      [...window]
        .map(([user, next]) => {
          const isNews = state.get(user) !== next;
          state.set(user, next);
          return isNews ? presence(user, `${TO}/${user.nick}`, next) : '';
        })
        .join(''),
    );
  }

  /** Characters of three and four bytes, each as likely as the other: what hardly compresses. */
  noise(length: number): string {
    let noise = '';
    while (noise.length < length) noise += String.fromCodePoint(0x10000 + Math.floor(this.#random.next() * 0x2_0000));
    return noise;
  }

  #message(delay: string): string {
    const { nick, room, jid } = this.#pick(USERS);
    const body = this.#pick(BODIES).replace(/[#*%]/g, (hole) =>
      hole === '#'
        ? String(Math.floor(this.#random.next() * 10))
        : this.#pick(hole === '*' ? THINGS.split(',') : WORDS.split(' ')),
    );
    return (
      `<message from="${FROM}/${nick}" to="${TO}" type="groupchat"><body>${body}</body>${fmuc(jid)}` +
      `<stanza-id xmlns="urn:xmpp:sid:0" by="${room}" id="~${(this.#sequence++).toString(36)}"/>${delay}</message>`
    );
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random.next() * from.length)]!;
  }
}

function presence({ nick, jid }: User, to: string, state: State): string {
  const gone = state === 'gone';
  return (
    `<presence from="${FROM}/${nick}" to="${to}"${gone ? ' type="unavailable"' : ''}>` +
    `${state === 'away' ? '<show>away</show>' : ''}${fmuc(jid)}<x xmlns="http://jabber.org/protocol/muc#user">` +
    `<item affiliation="none" role="${gone ? 'none' : 'participant'}" jid="${jid}"/></x></presence>`
  );
}

function fmuc(jid: string): string {
  return `<fmuc xmlns="http://isode.com/protocol/fmuc" from="${jid}"/>`;
}
