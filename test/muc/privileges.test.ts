import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affiliation, Role } from '../../src/stanza/associations.ts';
import { attribute, childElements, type Element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { RoomStory } from '../support/room-story.ts';

/*
 * XEP-0045 §5.1 and §5.2 as a model of a few dozen lines, written from the tables of the text, and a room beside it: whoever
 * asks for whatever, in whatever order, both come to the same.
 */

const CLIENTS = ['phone', 'desk'] as const;
const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve'].map((name) => `${name}@a.lit`);
const FOREIGN = ['fay@b.lit', 'b.lit'];
const TARGETS = [...PEOPLE, ...FOREIGN];
const NICKS = [...PEOPLE.map((jid) => jid.slice(0, 3)), 'fay', 'ann2', 'nobody'];
const AFFILIATIONS = ['owner', 'admin', 'member', 'none', 'outcast'] as const satisfies readonly Affiliation[];
const ROLES = ['moderator', 'participant', 'visitor', 'none'] as const satisfies readonly Role[];

interface Item {
  readonly jid?: string;
  readonly nick?: string;
  readonly affiliation?: Affiliation;
  readonly role?: Role;
}

type Step =
  | { readonly do: 'set'; readonly by: string; readonly items: readonly Item[] }
  | { readonly do: 'enter'; readonly who: string; readonly nick: string }
  | { readonly do: 'leave'; readonly nick: string };

interface Person {
  bare: string;
  sessions: string[];
  role: Role;
}

/** What a request comes to, by the text alone. */
class Model {
  readonly lists = new Map<string, Affiliation>([['ann@a.lit', 'owner']]);
  readonly people = new Map<string, Person>();
  /** §5.1: what lasts across visits of a moderated room. */
  readonly voices = new Map<string, Role>();
  readonly moderated: boolean;
  readonly membersOnly: boolean;

  constructor(moderated: boolean, membersOnly: boolean) {
    this.moderated = moderated;
    this.membersOnly = membersOnly;
  }

  /** §9.2: first the user, then the domain. */
  affiliation(bare: string, lists = this.lists): Affiliation {
    const own = lists.get(bare);
    if (own !== undefined) return own;
    return lists.get(bare.slice(bare.indexOf('@') + 1)) === 'outcast' ? 'outcast' : 'none';
  }

  /** §5.1.2 */
  initialRole(affiliation: Affiliation): Role {
    if (affiliation === 'owner' || affiliation === 'admin') return 'moderator';
    return affiliation === 'member' || !this.moderated ? 'participant' : 'visitor';
  }

  entryRole(bare: string, affiliation: Affiliation): Role {
    const role = this.initialRole(affiliation);
    return role === 'moderator' ? role : (this.voices.get(bare) ?? role);
  }

  enter(bare: string, session: string, nick: string): boolean {
    const affiliation = this.affiliation(bare);
    if (affiliation === 'outcast' || (this.membersOnly && affiliation === 'none')) return false;
    const present = this.people.get(nick);
    if (present !== undefined && present.bare !== bare) return false;
    if (present === undefined)
      this.people.set(nick, { bare, sessions: [session], role: this.entryRole(bare, affiliation) });
    else present.sessions.push(session);
    return true;
  }

  /** The condition of the error, or undefined where all of it has been done. */
  set(by: string, items: readonly Item[]): string | undefined {
    const wanted = new Map<string, Item>();
    for (const item of items) {
      const bare = item.jid ?? (item.affiliation === undefined ? undefined : this.people.get(item.nick ?? '')?.bare);
      const key = item.role === undefined ? `jid ${bare ?? `? ${item.nick ?? ''}`}` : `nick ${item.nick ?? ''}`;
      const earlier = wanted.get(key);
      if (earlier !== undefined && (earlier.role !== item.role || earlier.affiliation !== item.affiliation))
        return 'bad-request';
      wanted.set(key, { ...item, ...(bare !== undefined && { jid: bare }) });
    }
    const all = [...wanted.values()];
    for (const { role, nick = '' } of all)
      if (role !== undefined && wanted.has(`jid ${this.people.get(nick)?.bare ?? ''}`)) return 'bad-request';
    for (const item of all) {
      const error =
        item.role === undefined ? this.mayAffiliate(by, item) : this.mayGiveRole(by, item.nick ?? '', item.role);
      if (error !== undefined) return error;
    }
    const after = new Map(this.lists);
    for (const { jid = '', affiliation } of all)
      if (affiliation === 'none') after.delete(jid);
      else if (affiliation !== undefined) after.set(jid, affiliation);
    if (![...after.values()].includes('owner')) return 'conflict';
    this.apply(all, after);
    return undefined;
  }

  /** §5.1.1, §5.1.3, §8.2 to §8.4, §9.6, §9.7 */
  mayGiveRole(by: string, nick: string, role: Role): string | undefined {
    const mine = this.affiliation(by);
    const isAdmin = mine === 'owner' || mine === 'admin';
    const isModerator = [...this.people.values()].some((one) => one.bare === by && one.role === 'moderator');
    const target = this.people.get(nick);
    const before = target?.role;
    const adminsUse = role === 'moderator' || (before === 'moderator' && role !== 'none');
    if (!isModerator && !(isAdmin && adminsUse)) return 'forbidden';
    if (role === 'moderator' && !isAdmin) return 'forbidden';
    if (target === undefined) return 'item-not-found';
    const theirs = this.affiliation(target.bare);
    const rank = (one: Affiliation): number => -AFFILIATIONS.indexOf(one);
    const isAutomatic = theirs === 'owner' || theirs === 'admin';
    if (role === 'none') {
      if (rank(theirs) > rank(mine)) return 'not-allowed';
      // A moderator of two nicks is somebody else where they are the other one.
      if (before === 'moderator' && !isAdmin && nick !== this.actingNick(by)) return 'not-allowed';
      return undefined;
    }
    if (role === 'moderator') return undefined;
    if (isAutomatic) return 'not-allowed';
    if (role === 'visitor' && before !== 'visitor' && rank(theirs) >= rank(mine)) return 'not-allowed';
    return before === 'moderator' && !isAdmin ? 'forbidden' : undefined;
  }

  /** Whoever asks does so with the client that is nobody's in the room. */
  actingNick(by: string): string | undefined {
    return [...this.people].find(([, one]) => one.bare === by && one.role === 'moderator')?.[0];
  }

  /** §5.2.2, §9.1, §10.3 to §10.8 */
  mayAffiliate(by: string, { jid, affiliation }: Item): string | undefined {
    const mine = this.affiliation(by);
    if (mine !== 'owner' && mine !== 'admin') return 'forbidden';
    if (jid === undefined)
      return mine === 'admin' && affiliation !== 'outcast' && isHigh(affiliation) ? 'forbidden' : 'item-not-found';
    if (affiliation === 'outcast' && jid === by) return 'conflict';
    if (mine === 'owner') return undefined;
    if (affiliation === 'outcast') return isHigh(this.affiliation(jid)) ? 'not-allowed' : undefined;
    return isHigh(this.affiliation(jid)) || isHigh(affiliation) ? 'forbidden' : undefined;
  }

  apply(items: readonly Item[], after: Map<string, Affiliation>): void {
    const before = new Map([...this.people.values()].map((one) => [one.bare, this.affiliation(one.bare)]));
    const effective = (jid: string): Affiliation => this.affiliation(jid);
    const listed = items.flatMap(({ jid, role }) => (jid === undefined || role !== undefined ? [] : [jid]));
    const were = listed.map(effective);
    this.lists.clear();
    for (const [jid, affiliation] of after) this.lists.set(jid, affiliation);
    for (const [at, jid] of listed.entries()) if (effective(jid) !== were[at]) this.voices.delete(jid);
    for (const { nick = '', role } of items) {
      const target = this.people.get(nick);
      if (target === undefined || role === undefined) continue;
      if (role === 'none') this.people.delete(nick);
      else if (target.role !== role) {
        target.role = role;
        this.voices.delete(target.bare);
        if (this.moderated && role !== 'moderator') this.voices.set(target.bare, role);
      }
    }
    for (const [nick, one] of this.people) {
      const now = this.affiliation(one.bare);
      if (now === 'outcast' || (this.membersOnly && now === 'none')) this.people.delete(nick);
      else if (now !== before.get(one.bare)) {
        const gained = this.initialRole(now);
        // What is lost with an affiliation is left open (§5.1.3): here, whatever it had brought.
        if (isHigh(before.get(one.bare)) || ROLES.indexOf(gained) < ROLES.indexOf(one.role)) one.role = gained;
      }
    }
  }

  /** By nick: affiliation and role. */
  get shown(): ReadonlyMap<string, string> {
    return new Map([...this.people].map(([nick, { bare, role }]) => [nick, `${this.affiliation(bare)} ${role}`]));
  }
}

function isHigh(affiliation: Affiliation | undefined): boolean {
  return affiliation === 'owner' || affiliation === 'admin';
}

const ROOM = 'coven@chat.shakespeare.lit';

/** The room beside the model. */
class Beside {
  readonly story = new RoomStory();
  readonly model: Model;
  /** What each client has been shown of the others, as its user interface has it. */
  readonly rosters = new Map<string, Map<string, string>>();

  readonly answers: Set<string>;

  constructor(moderated: boolean, membersOnly: boolean, answers: Set<string>) {
    this.answers = answers;
    this.model = new Model(moderated, membersOnly);
    this.story.enter('ann@a.lit/phone', 'ann').configure('ann@a.lit/phone', {
      'muc#roomconfig_moderatedroom': moderated ? '1' : '0',
      'muc#roomconfig_membersonly': membersOnly ? '1' : '0',
      'muc#roomconfig_persistentroom': '1',
    });
    this.model.enter('ann@a.lit', 'ann@a.lit/phone', 'ann');
    this.rosters.set('ann@a.lit/phone', new Map([['ann', 'owner moderator']]));
    this.story.forget();
  }

  step(step: Step): void {
    if (step.do === 'enter') this.#enter(step.who, step.nick);
    else if (step.do === 'leave') this.#leave(step.nick);
    else this.#set(step.by, step.items);
    this.#look();
    const { room } = this.story;
    const lists = [...(room?.affiliations ?? [])].map(([jid, entry]): [string, string] => [jid, entry.affiliation]);
    const people = [...(room?.occupants.values() ?? [])].map(({ nick, affiliation, role }): [string, string] => [
      nick,
      `${affiliation} ${role}`,
    ]);
    expect(new Map(lists)).toEqual(this.model.lists);
    expect(new Map(people)).toEqual(this.model.shown);
    expect([...this.model.lists.values()]).toContain('owner');
    // Everyone has been told of everything.
    for (const [client, roster] of this.rosters) expect([client, roster]).toEqual([client, this.model.shown]);
  }

  #enter(who: string, nick: string): void {
    const session = `${who}/${CLIENTS[0]}`;
    const isIn = [...this.model.people.values()].some(({ sessions }) => sessions.includes(session));
    if (isIn) return;
    if (this.model.enter(who, session, nick)) this.rosters.set(session, new Map());
    this.story.send(`<presence from='${session}' to='${ROOM}/${nick}'><x xmlns='${NS.muc}'/></presence>`);
  }

  #leave(nick: string): void {
    const person = this.model.people.get(nick);
    if (person === undefined) return;
    this.model.people.delete(nick);
    for (const session of person.sessions) {
      this.rosters.delete(session);
      this.story.send(`<presence from='${session}' to='${ROOM}/${nick}' type='unavailable'/>`);
      this.story.gateway.take(session);
    }
  }

  /** Asks with a client that isn't in the room: rights are a bare JID's. */
  #set(by: string, items: readonly Item[]): void {
    const asking = `${by}/${CLIENTS[1]}`;
    const nicks = new Map([...this.model.people].map(([nick, { sessions }]) => [nick, sessions]));
    const error = this.model.set(by, items);
    for (const [nick, sessions] of nicks)
      if (!this.model.people.has(nick)) for (const session of sessions) this.rosters.delete(session);
    this.story.admin(
      asking,
      'set',
      ...items.map(
        (item) =>
          `<item ${Object.entries(item)
            .map(([name, value]) => `${name}='${value}'`)
            .join(' ')}/>`,
      ),
    );
    const answers = this.story.gateway.take(asking);
    expect(answers.map(answerOf)).toEqual([error ?? 'result']);
    this.answers.add(error ?? 'result');
    // Nobody else hears of what is refused.
    if (error !== undefined) expect(this.story.gateway.recipients).toEqual([]);
  }

  #look(): void {
    for (const jid of this.story.gateway.recipients)
      for (const stanza of this.story.gateway.take(jid)) if (stanza.name === 'presence') this.#note(jid, stanza);
  }

  #note(jid: string, stanza: Element): void {
    const roster = this.rosters.get(jid);
    const item = findChild(stanza, 'x', NS.mucUser)?.getChild('item');
    if (roster === undefined || item === undefined) return;
    const nick = (attribute(stanza, 'from') ?? '').slice(ROOM.length + 1);
    if (attribute(stanza, 'type') === 'unavailable') roster.delete(nick);
    else roster.set(nick, `${attribute(item, 'affiliation') ?? ''} ${attribute(item, 'role') ?? ''}`);
  }
}

function answerOf(stanza: Element): string {
  const error = findChild(stanza, 'error');
  return error === undefined ? (attribute(stanza, 'type') ?? '') : (childElements(error)[0]?.name ?? '');
}

const role = fc.record({ nick: fc.constantFrom(...NICKS), role: fc.constantFrom(...ROLES) });
const affiliation = fc.record({ jid: fc.constantFrom(...TARGETS), affiliation: fc.constantFrom(...AFFILIATIONS) });
const byNick = fc.record({ nick: fc.constantFrom(...NICKS), affiliation: fc.constantFrom(...AFFILIATIONS) });
const items = fc.array(
  fc.oneof({ weight: 5, arbitrary: role }, { weight: 5, arbitrary: affiliation }, { weight: 1, arbitrary: byNick }),
  { minLength: 1, maxLength: 4 },
);
/** Whoever asks is more often somebody who may. */
const actor = fc.oneof(fc.constantFrom('ann@a.lit', 'bob@a.lit'), fc.constantFrom(...PEOPLE, 'fay@b.lit'));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), by: actor, items }) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...PEOPLE, 'fay@b.lit', 'ann@a.lit')
      .map((who) => ({ do: 'enter' as const, who, nick: who.slice(0, 3) })),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), nick: fc.constantFrom(...NICKS) }) },
);

/** Who is what before anything happens. */
const FIRST: readonly Item[] = [
  { jid: 'bob@a.lit', affiliation: 'admin' },
  { jid: 'cat@a.lit', affiliation: 'member' },
  { jid: 'dan@a.lit', affiliation: 'member' },
];
/** Each of them comes up, or the test would show little. */
const ANSWERS = ['bad-request', 'conflict', 'forbidden', 'item-not-found', 'not-allowed', 'result'];

describe('§5.1.3, §5.2.2 roles and affiliations change each other', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    'as the tables say, in a room that is moderated: %s, members-only: %s',
    (moderated, membersOnly) => {
      const answers = new Set<string>();
      fc.assert(
        fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
          const beside = new Beside(moderated, membersOnly, answers);
          beside.step({ do: 'set', by: 'ann@a.lit', items: FIRST });
          for (const who of PEOPLE) beside.step({ do: 'enter', who, nick: who.slice(0, 3) });
          for (const one of steps) beside.step(one);
        }),
        { numRuns: 50, seed: 45 },
      );
      expect([...answers].toSorted()).toEqual(ANSWERS);
    },
    60_000,
  );
});
