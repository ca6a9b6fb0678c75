import { describe, expect, it } from 'vitest';
import { Random } from '../../src/lib/random.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/*
 * Two to five nodes in a random tree, links of random latency that hold, and random people who do what people do. In
 * the end every node has every message exactly once and each author's in their order, and the same occupants.
 */

const RUNS = 200;
const ACTIONS = 40;

interface Person {
  readonly jid: string;
  readonly node: number;
  nick: string | undefined;
}

class Simulation {
  readonly world = new VirtualWorld();
  readonly nodes: VirtualGateway[] = [];
  readonly people: Person[] = [];
  readonly #random: Random;
  /** For each author, what they have said, in order. */
  readonly said = new Map<string, string[]>();

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.world.latency = 1 + this.#below(3000);
    const size = 2 + this.#below(4);
    const parents = Array.from({ length: size }, (_, node) => (node === 0 ? undefined : this.#below(node)));
    for (const [node, parent] of parents.entries()) {
      const links = parents.flatMap((above, below) => (above === node ? [link(below, below, 'listen')] : []));
      if (parent !== undefined) links.push(link(node, parent, 'connect'));
      // What a link brings is everything behind it, which in a tree may be any other node.
      const federate = parent === undefined ? [] : [room(parent)];
      this.nodes.push(
        this.world.gateway(domain(node), {
          links: links.map((one) => ({ ...one, domains: behind(parents, node, one.far) })),
          rooms: [{ name: 'room', accept: ['*'], federate }],
        }),
      );
    }
    for (let person = 0; person < size * 2; person++)
      this.people.push({ jid: `p${person}@users${person % size}.lit/r`, node: person % size, nick: undefined });
    this.world.settle(60_000);
  }

  act(): void {
    const person = this.people[this.#below(this.people.length)];
    const gateway = person && this.nodes[person.node];
    if (person === undefined || gateway === undefined) return;
    const { jid, nick, node } = person;
    const choice = this.#below(10);
    if (nick === undefined) {
      person.nick = `n${jid.split('@')[0]}`;
      gateway.send(
        `<presence from='${jid}' to='${room(node)}/${person.nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
    } else if (choice < 6) {
      const body = `${jid} ${this.said.get(jid)?.length ?? 0}`;
      this.said.set(jid, [...(this.said.get(jid) ?? []), body]);
      gateway.send(`<message from='${jid}' to='${room(node)}' type='groupchat'><body>${body}</body></message>`);
    } else if (choice < 8) {
      person.nick = `${nick}x`;
      gateway.send(`<presence from='${jid}' to='${room(node)}/${person.nick}'/>`);
    } else {
      person.nick = undefined;
      gateway.send(`<presence from='${jid}' to='${room(node)}/${nick}' type='unavailable'/>`);
    }
    this.world.settle(this.#below(4000));
  }

  /** Has somebody stay in every room to the end, so that none is out of the set. */
  gather(): void {
    for (const [node, gateway] of this.nodes.entries())
      gateway.say(
        `<presence from='stay${node}@users${node}.lit/r' to='${room(node)}/stay${node}'>
        <x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
    this.world.settle(60_000);
  }

  bodies(node: number): string[] {
    return (this.nodes[node]?.store.messages(room(node)) ?? []).map(
      (message) => /<body>(.*)<\/body>/.exec(message.stanza)?.[1] ?? '',
    );
  }

  occupants(node: number): string[] {
    const occupants = this.nodes[node]?.core.service.get(room(node))?.occupants.values() ?? [];
    return [...occupants].map((occupant) => `${occupant.nick} ${occupant.jid.toString()}`).toSorted();
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }
}

function domain(node: number): string {
  return `rooms.node${node}.lit`;
}

function room(node: number): string {
  return `room@${domain(node)}`;
}

function link(
  id: number,
  other: number,
  side: 'listen' | 'connect',
): {
  readonly peer: string;
  readonly far: number;
  readonly from: readonly string[];
  readonly listen?: Address;
  readonly connect?: Address;
} {
  const address = { host: '127.0.0.1', port: 7000 + id };
  return { peer: domain(other), far: other, from: ['127.0.0.1'], [side]: address };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The users' domains of every node that `node` reaches through its neighbour `far`. */
function behind(parents: readonly (number | undefined)[], node: number, far: number): string[] {
  const reached = new Set([far]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [child, parent] of parents.entries()) {
      if (parent === undefined) continue;
      for (const [one, other] of [
        [child, parent],
        [parent, child],
      ] as const)
        if (reached.has(one) && other !== node && !reached.has(other)) {
          reached.add(other);
          grew = true;
        }
    }
  }
  return [...reached].map((other) => `users${other}.lit`);
}

describe('a tree of nodes on links that hold', () => {
  it(`agrees with itself in ${RUNS} runs`, () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const simulation = new Simulation(seed);
      simulation.gather();
      for (let action = 0; action < ACTIONS; action++) simulation.act();
      simulation.world.settle(120_000);
      const everything = [...simulation.said.values()].flat().toSorted();
      expect(everything.length, `seed ${seed}`).toBeGreaterThan(5);
      for (const node of simulation.nodes.keys()) {
        const bodies = simulation.bodies(node);
        expect(bodies.toSorted(), `messages, seed ${seed}, node ${node}`).toEqual(everything);
        for (const [author, theirs] of simulation.said)
          expect(
            bodies.filter((body) => body.startsWith(`${author} `)),
            `order, seed ${seed}, node ${node}`,
          ).toEqual(theirs);
        expect(simulation.occupants(node), `occupants, seed ${seed}, node ${node}`).toEqual(simulation.occupants(0));
      }
    }
  }, 60_000);
});
