import type { Program } from './program.ts';
import type { XmppServer } from './server.ts';

/** Where a server is for its clients and components. */
interface Place extends XmppServer {
  readonly componentPort: number;
}

/** A server that others have made, run by a suite in a folder and at ports of its own. It runs until `endAll`. */
export class ForeignServer implements XmppServer {
  readonly domain: string;
  readonly address: string;
  readonly clientPort: number;
  readonly componentPort: number;
  readonly #run: () => Promise<Program>;
  #program: Program;

  /** `run` resolves when clients and components can connect. */
  protected constructor(place: Place, program: Program, run: () => Promise<Program>) {
    this.domain = place.domain;
    this.address = place.address;
    this.clientPort = place.clientPort;
    this.componentPort = place.componentPort;
    this.#program = program;
    this.#run = run;
  }

  /** What it logs. */
  get log(): Program['lines'] {
    return this.#program.lines;
  }

  /** Ends it with that signal and runs it again at the same ports. Resolves when clients and components can connect. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.#program.kill(signal);
    this.#program = await this.#run();
  }
}
