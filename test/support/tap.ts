import { connect, createServer, type Socket } from 'node:net';
import type { Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { StreamParser } from '../../src/xml/stream-parser.ts';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';
import { listen } from './ports.ts';

/** The wire of a `direct` link in the clear (XEP-0361), between a gateway that dials and one that listens: all is seen. */
export class Tap {
  readonly port: number;
  /** Every stanza that crossed, both ways. */
  readonly crossed = new Inbox<Element>('the link', String);

  private constructor(port: number) {
    this.port = port;
  }

  /** Whoever connects to the tap's port is passed on to this one. */
  static async start(to: number): Promise<Tap> {
    const server = createServer((dialler) => {
      const listener = connect(to, '127.0.0.1');
      tap.#pass(dialler, listener);
      tap.#pass(listener, dialler);
    });
    const tap = new Tap(await listen(server, '127.0.0.1'));
    atEnd(() => server.close());
    return tap;
  }

  #pass(here: Socket, there: Socket): void {
    const parser = new StreamParser(
      { contentNamespace: NS.server, implicitOpen: true },
      { streamOpen: () => {}, stanza: (stanza) => this.crossed.add(stanza), streamClose: () => {} },
    );
    here.on('data', (bytes) => parser.write(bytes));
    here.on('error', () => {}); // `close` follows
    here.on('close', () => there.destroySoon());
    here.pipe(there);
    atEnd(() => here.destroy());
  }
}
