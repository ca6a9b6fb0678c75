import { fileURLToPath } from 'node:url';
import type { Element } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { Inbox } from './inbox.ts';
import { DEBIANS_PYTHON } from './needs.ts';
import { Person } from './person.ts';
import { Program } from './program.ts';
import { password, type XmppServer } from './server.ts';

const script = fileURLToPath(new URL('slixmpp_client.py', import.meta.url));

/** What the client says, a line each. */
type Told =
  | { readonly jid: string }
  | { readonly stanza: string }
  | { readonly failed: string }
  | { readonly ended: true }
  | { readonly number: number; readonly result: unknown }
  | { readonly number: number; readonly error: string };

/** Somebody with slixmpp (Debian's), on an account of a server. */
export class Slixmpp extends Person {
  readonly #program: Program;
  readonly #outcomes: Inbox<Told & { readonly number: number }>;
  #requests = 0;

  private constructor(
    jid: string,
    program: Program,
    inbox: Inbox<Element>,
    outcomes: Inbox<Told & { readonly number: number }>,
  ) {
    super(jid, inbox, async (stanza) => {
      await this.do('send', { xml: serialise(stanza) });
    });
    this.#program = program;
    this.#outcomes = outcomes;
  }

  /** Resolves once the client is online as `username@domain/resource`. */
  static async connect(server: XmppServer, username: string, resource: string): Promise<Slixmpp> {
    const jid = `${username}@${server.domain}/${resource}`;
    const args = [script, jid, password, server.address, String(server.clientPort)];
    const program = new Program(`slixmpp of ${username}`, DEBIANS_PYTHON, args, 'commanded');
    const inbox = new Inbox<Element>(username, String);
    const outcomes = new Inbox<Told & { readonly number: number }>(`${username}'s client`, (told) =>
      JSON.stringify(told),
    );
    program.lines.follow((line) => {
      const told = line.startsWith('{"') ? (JSON.parse(line) as Told) : undefined;
      if (told === undefined) return;
      if ('stanza' in told) inbox.add(stanzaOf(told.stanza));
      else if ('number' in told) outcomes.add(told);
      else if ('ended' in told) inbox.close('the stream has ended');
    });
    const online = await program.lines.expect('to be online', (line) => line.startsWith('{"jid"'));
    return new Slixmpp((JSON.parse(online) as { readonly jid: string }).jid, program, inbox, outcomes);
  }

  /** Has it do something by its library, and gives back what came of it. Fails with the condition of an error. */
  async do(what: string, details: Readonly<Record<string, unknown>>): Promise<unknown> {
    const number = ++this.#requests;
    this.#program.write(`${JSON.stringify({ number, do: what, ...details })}\n`);
    const told = await this.#outcomes.expect(`an outcome of ${what}`, (outcome) => outcome.number === number, 20_000);
    if ('error' in told) throw new Error(told.error);
    return 'result' in told ? told.result : undefined;
  }

  override async say(room: string, body: string): Promise<void> {
    await this.do('say', { room, body });
  }

  override async changeSubject(room: string, subject: string): Promise<void> {
    await this.do('subject', { room, subject });
  }

  async disconnect(): Promise<void> {
    this.#program.endInput();
    await this.#program.exited;
  }

  /** Ends without a word. */
  async cut(): Promise<void> {
    await this.#program.kill('SIGKILL');
  }
}

/** In canonical form for a stanza, which has no namespace. */
function stanzaOf(xml: string): Element {
  const stanza = parseElement(xml);
  delete stanza.attrs['xmlns'];
  return stanza;
}
