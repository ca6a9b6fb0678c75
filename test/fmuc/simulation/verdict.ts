import type { MessageRecord } from '../../../src/muc/records.ts';
import { serialise } from '../../../src/xml/serialise.ts';
import type { Simulation } from './simulation.ts';
import { room } from './tree.ts';
import { OUT_OF_ORDER, showOf, type User } from './user.ts';

/* What has to be true once everything has settled. */

/** Each thing that isn't as it should be, in a line that starts with the name of what was broken. */
export function problemsOf(simulation: Simulation): string[] {
  return [
    ...simulation.errors.map((line) => `error logged: ${line}`),
    ...messageProblems(simulation),
    ...retractionProblems(simulation),
    ...occupantProblems(simulation),
    ...subjectProblems(simulation),
    ...simulation.users.flatMap((user) => userProblems(simulation, user)),
    ...privateProblems(simulation),
    ...simulation.users.flatMap((user) => referenceProblems(simulation, user)),
    ...(simulation.restless.length === 0
      ? []
      : [`restless: ${simulation.restless.length} writes with nothing to say, first ${simulation.restless[0]}`]),
  ];
}

/** What each node has, in its order. Of what is retracted the body is known by those who had it before, here or elsewhere. */
function archivesOf(simulation: Simulation): string[][] {
  const archives = simulation.nodes.map((gateway, node) => gateway.store.messages(room(node)));
  const bodies = new Map<string, string>();
  for (const record of archives.flat())
    if (bodyOf(record) !== undefined) bodies.set(nameOf(record), bodyOf(record) ?? '');
  for (const user of simulation.users)
    for (const [id, body] of user.byStanzaId) {
      const seq = simulation.room(user.node)?.positionOf(id);
      const record = archives[user.node]?.find((one) => one.seq === seq);
      if (record !== undefined && body !== '') bodies.set(nameOf(record), body);
    }
  return archives.map((archive) => archive.map((record) => bodies.get(nameOf(record)) ?? nameOf(record)));
}

/** What is but a tombstone at one node is one everywhere. */
function retractionProblems(simulation: Simulation): string[] {
  const archives = simulation.nodes.map((gateway, node) => gateway.store.messages(room(node)));
  const retracted = new Set(archives.flat().filter(isRetracted).map(nameOf));
  for (const _ of retracted) simulation.count('retracted');
  return archives.flatMap((archive, node) =>
    archive
      .filter((record) => !isRetracted(record) && retracted.has(nameOf(record)))
      .map((record) => `retraction: node ${node} still has "${bodyOf(record)}"`),
  );
}

function bodyOf({ stanza }: MessageRecord): string | undefined {
  return /<body>([^<]*)<\/body>/.exec(stanza)?.[1];
}

function isRetracted({ stanza }: MessageRecord): boolean {
  return stanza.includes('<retracted ');
}

/** What a message is called everywhere; one that isn't shared, by what it says. */
function nameOf({ origin, stanza }: MessageRecord): string {
  return origin === undefined ? stanza : `${origin.id}@${origin.by}`;
}

/** Everywhere the same messages, each once, each author's in order; what an author saw is kept. */
function messageProblems(simulation: Simulation): string[] {
  const problems: string[] = [];
  const archives = archivesOf(simulation);
  const everything = new Set(archives.flat());
  const reflected = simulation.users.flatMap((user) => [...user.reflected]);
  for (const [node, bodies] of archives.entries()) {
    const here = new Set(bodies);
    for (const [index, body] of bodies.entries())
      if (bodies.indexOf(body) !== index) problems.push(`message twice: node ${node} has "${body}" more than once`);
    const { isTight, isReplicated, isPaced } = simulation.options;
    if (isReplicated === true && isTight !== true && bodies.join('\n') !== archives[0]?.join('\n'))
      problems.push(`order: node ${node} has not the order of node 0`);
    if (isTight !== true)
      for (const body of everything)
        if (!here.has(body)) problems.push(`message missing: node ${node} lacks "${body}"`);
    const latest = new Map<string, number>();
    for (const body of bodies) {
      const [author = '', number = ''] = body.split(' ');
      if ((latest.get(author) ?? 0) > Number(number) && isPaced !== true)
        problems.push(`order: node ${node} has "${body}" after a later one`);
      latest.set(author, Number(number));
    }
  }
  for (const body of reflected) if (!everything.has(body)) problems.push(`message lost: "${body}" was seen, not kept`);
  return problems;
}

/** Everywhere the same people under the same nicks, as their own node has them. */
function occupantProblems(simulation: Simulation): string[] {
  const lists = simulation.nodes.map((_, node) => occupantsOf(simulation, node));
  const truth = simulation.nodes.flatMap((_, node) => occupantsOf(simulation, node, true)).toSorted();
  return lists.flatMap((list, node) => {
    const more = list.filter((line) => !truth.includes(line));
    const fewer = truth.filter((line) => !list.includes(line));
    return [
      ...more.map((line) => `occupant too many: node ${node} has ${line}`),
      ...fewer.map((line) => `occupant missing: node ${node} lacks ${line}`),
    ];
  });
}

function occupantsOf(simulation: Simulation, node: number, onlyOwn = false): string[] {
  const occupants = [...(simulation.room(node)?.occupants.values() ?? [])];
  return occupants
    .filter((occupant) => !onlyOwn || occupant.source === undefined)
    .map(
      ({ nick, jid, presence, role }) =>
        `${nick} ${jid.toString()} ${showOf(presence.map(serialise).join(''))} ${role}`,
    )
    .toSorted();
}

function subjectProblems(simulation: Simulation): string[] {
  const subjects = simulation.nodes.map((_, node) => simulation.room(node)?.subject?.text ?? '');
  return new Set(subjects).size === 1 ? [] : [`subject: ${subjects.map((text) => `"${text}"`).join(', ')}`];
}

/** What a client shows is what the room has. */
function userProblems(simulation: Simulation, user: User): string[] {
  const problems = user.complaints
    .filter((complaint) => simulation.options.isPaced !== true || !complaint.endsWith(OUT_OF_ORDER))
    .map((complaint) => `client: ${user.jid} ${complaint}`);
  const here = simulation.room(user.node);
  const occupant = here?.bySession(user.jid);
  if (occupant?.nick !== user.nick)
    problems.push(`client: ${user.jid} believes to be ${user.nick}, and is ${occupant?.nick}`);
  if (here === undefined || user.nick === undefined) return problems;
  const shown = [...user.roster].map(([nick, { jid, show }]) => `${nick} ${jid} ${show}`);
  const there = [...here.occupants.values()].map(
    ({ nick, jid, presence }) => `${nick} ${jid.toString()} ${showOf(presence.map(serialise).join(''))}`,
  );
  for (const line of shown) if (!there.includes(line)) problems.push(`client: ${user.jid} still shows ${line}`);
  for (const line of there) if (!shown.includes(line)) problems.push(`client: ${user.jid} does not show ${line}`);
  if (user.subject !== (here.subject?.text ?? ''))
    problems.push(`client: ${user.jid} shows the subject "${user.subject}", the room has "${here.subject?.text}"`);
  return problems;
}

/** What a client has been given of a reference leads to the message that was meant, where the client has had that. */
function referenceProblems(simulation: Simulation, user: User): string[] {
  const problems: string[] = [];
  const had = new Set(user.byStanzaId.values());
  for (const [body, understood] of user.references) {
    const meant = simulation.references.get(body) ?? '';
    simulation.count(understood === '' ? 'reference not found' : 'reference found');
    if (understood !== meant && (understood !== '' || had.has(meant)))
      problems.push(`reference: ${user.jid} takes "${body}" to refer to "${understood}", not "${meant}"`);
  }
  for (const [body, meant] of simulation.references) {
    const isMissing = [...user.byStanzaId.values()].includes(body) && had.has(meant) && !user.references.has(body);
    if (isMissing) problems.push(`reference: ${user.jid} does not see that "${body}" refers to "${meant}"`);
  }
  return problems;
}

/** A private message reaches whom it was for, once or not at all. */
function privateProblems(simulation: Simulation): string[] {
  return simulation.users.flatMap((user) =>
    user.secrets.flatMap((body, index) => [
      ...(user.secrets.indexOf(body) === index ? [] : [`private twice: ${user.jid} got "${body}" again`]),
      ...(simulation.secrets.get(body) === user.bare
        ? []
        : [`private astray: ${user.jid} got "${body}", which was for ${simulation.secrets.get(body)}`]),
    ]),
  );
}
