import type { ReadStream, WriteStream } from 'node:tty';
import type { Actor } from './actor.ts';
import { type Key, LineEditor } from './line-editor.ts';
import type { Person } from './people.ts';
import { draw, type PaneView } from './screen.ts';
import { PROLOGUE } from './script.ts';
import type { Stage } from './stage.ts';
import { Terminal } from './terminal.ts';
import { type Command, readTyped } from './typed.ts';

/** How often the screen is brought up to date, in milliseconds. */
const REDRAW_INTERVAL = 200;

/** The demo as something to play with: two people, one keyboard. */
export class Console {
  readonly #stage: Stage;
  readonly #terminal: Terminal;
  readonly #editor = new LineEditor();
  readonly #quit: () => void;
  #typing: 'left' | 'right' = 'left';
  #notice = 'The gateways start …';

  constructor(stage: Stage, input: ReadStream, output: WriteStream, quit: () => void) {
    this.#stage = stage;
    this.#quit = quit;
    this.#terminal = new Terminal(input, output, { key: (key) => this.#key(key), resized: () => this.#draw() });
  }

  /** Starts the gateways, plays the beginning, and lets people type until the signal is aborted. */
  async run(program: readonly string[], signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.#draw(), REDRAW_INTERVAL);
    try {
      this.#draw();
      await this.#stage.start(program, signal);
      this.#notice = '';
      for (const { act, expects } of PROLOGUE) {
        if (signal.aborted) break;
        act(this.#stage);
        await this.#stage.until(() => expects.every(({ seen }) => seen(this.#stage)), signal);
      }
      await this.#stage.until(() => false, signal);
    } finally {
      clearInterval(timer);
      this.#terminal.close();
    }
  }

  get #actor(): Actor {
    return this.#typing === 'left' ? this.#stage.hamlet : this.#stage.alice;
  }

  #key(key: Key): void {
    if (key.kind === 'quit') return this.#quit();
    this.#notice = '';
    if (key.kind === 'text') this.#editor.insert(key.text);
    else if (key.kind === 'tab') this.#typing = this.#typing === 'left' ? 'right' : 'left';
    else if (key.kind === 'enter') this.#carryOut(readTyped(this.#editor.take()));
    else this.#editor.edit(key.kind);
    this.#draw();
  }

  #carryOut(command: Command): void {
    const { person } = this.#actor;
    switch (command.kind) {
      case 'nothing':
        return;
      case 'mistake':
        this.#notice = command.text;
        return;
      case 'quit':
        return this.#quit();
      case 'switch':
        this.#typing = command.to;
        return;
      case 'cut':
        return this.#stage.cut();
      case 'mend':
        void this.#mend();
        return;
      case 'join':
        return person.join();
      case 'leave':
        return this.#inRoom(person, () => person.leave());
      case 'nick':
        return this.#inRoom(person, () => person.changeNick(command.text));
      case 'subject':
        return this.#inRoom(person, () => person.setSubject(command.text));
      case 'say':
        return this.#inRoom(person, () => person.say(command.text));
    }
  }

  async #mend(): Promise<void> {
    try {
      await this.#stage.mend();
    } catch (error) {
      this.#notice = `The link can’t come up: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #inRoom({ name, view }: Person, action: () => void): void {
    if (view.self === undefined) this.#notice = `${name} isn’t in the room: /join`;
    else action();
  }

  #draw(): void {
    const { hamlet, alice, crossings, air } = this.#stage;
    const view = {
      left: paneOf(hamlet),
      right: paneOf(alice),
      typing: this.#typing,
      crossings,
      air,
      input: this.#editor,
      notice: this.#notice,
    };
    this.#terminal.draw(draw(view, this.#terminal.size));
  }
}

function paneOf({ person, sights }: Actor): PaneView {
  return { name: person.view.self ?? person.name, room: person.room, subject: person.view.subject, sights };
}
