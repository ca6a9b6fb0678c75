import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { atEnd } from '../support/ending.ts';
import { bundle } from '../support/gateway.ts';

/** Milliseconds that something may take to be on the screen. */
const PATIENCE = 30_000;

/** A serial console of 80x24 with a shell in a folder, in which `fmucd` is the built program. */
export class SerialConsole {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fmucd-console-'));

  constructor(folder: string) {
    const shell = `env -u NO_COLOR PS1=shell: LANG=C.UTF-8 sh`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24', '-c', folder, shell);
    atEnd(() => {
      this.#tmux('kill-server');
      rmSync(this.#folder, { recursive: true, force: true });
    });
    this.type(`fmucd() { ${bundle.join(' ')} "$@"; }; clear`);
  }

  /** Types a line. */
  type(line: string): void {
    this.#tmux('send-keys', '-l', `${line}\n`);
  }

  /** Presses keys by tmux's names of them. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Answers a prompt that is waited for: the last line of the screen ends with it. */
  async answer(prompt: string, line: string): Promise<void> {
    await this.awaits(prompt);
    this.type(line);
  }

  async awaits(prompt: string): Promise<void> {
    await expect.poll(() => this.screen.trimEnd(), { timeout: PATIENCE, interval: 30 }).toMatch(endingWith(prompt));
  }

  async sees(text: string): Promise<void> {
    await expect.poll(() => this.screen, { timeout: PATIENCE, interval: 30 }).toContain(text);
  }

  /** Runs a line and waits for the shell again; what was shown of it is given back. */
  async run(line: string): Promise<string> {
    this.type('clear');
    await expect.poll(() => this.screen.trim(), { timeout: PATIENCE, interval: 30 }).toBe('shell:');
    this.type(`${line}; echo "status $?"`);
    await expect.poll(() => this.screen, { timeout: PATIENCE, interval: 30 }).toMatch(/^status \d+$/m);
    return this.screen;
  }

  get screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** What has been shown since the last `clear`, beyond the screen too. */
  get history(): string {
    return this.#tmux('capture-pane', '-p', '-S', '-500');
  }

  #tmux(...args: string[]): string {
    const env = { ...process.env, LC_ALL: 'C.UTF-8' };
    return execFileSync('tmux', ['-u', '-S', join(this.#folder, 'tmux'), ...args], { encoding: 'utf8', env });
  }
}

function endingWith(prompt: string): RegExp {
  return new RegExp(`${prompt.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}
