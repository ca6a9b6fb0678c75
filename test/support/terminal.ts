import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { atEnd } from './ending.ts';

/** Milliseconds that something may take to be on the screen. */
const PATIENCE = 30_000;

const WHILE = { timeout: PATIENCE, interval: 30 };

/** A terminal of 80x24 with a shell in it, whose prompt is `shell:`. It needs tmux. */
export class Terminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fmucd-terminal-'));

  constructor(shell = 'env PS1=shell: sh', folder = this.#folder) {
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24', '-c', folder, shell);
    atEnd(() => {
      this.#tmux('kill-server');
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /** Presses keys by tmux's names of them; what is none is typed. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Types a line. */
  type(line: string): void {
    this.press('-l', `${line}\n`);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  get screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  get lines(): string[] {
    return this.screen.replace(/\n$/, '').split('\n');
  }

  /** What has been shown since the last `clear`, beyond the screen too. */
  get history(): string {
    return this.#tmux('capture-pane', '-p', '-S', '-500');
  }

  /** A variable of tmux about it. */
  about(format: string): string {
    return this.#tmux('display-message', '-p', `#{${format}}`).trim();
  }

  /** Waits until a line fits, or until the screen has that text. */
  async sees(wanted: RegExp | string): Promise<void> {
    if (typeof wanted === 'string') await expect.poll(() => this.screen, WHILE).toContain(wanted);
    else await expect.poll(() => this.lines, WHILE).toContainEqual(expect.stringMatching(wanted));
  }

  /** Waits until no line fits. */
  async isRid(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.lines, WHILE).not.toContainEqual(expect.stringMatching(pattern));
  }

  /** Waits until the last line of the screen ends with a prompt. */
  async awaits(prompt: string): Promise<void> {
    await expect.poll(() => this.screen.trimEnd(), WHILE).toMatch(endingWith(prompt));
  }

  /** Answers a prompt that is waited for. */
  async answer(prompt: string, line: string): Promise<void> {
    await this.awaits(prompt);
    this.type(line);
  }

  /** Runs a line on a clean screen and waits for its exit status; what was shown of it is given back. */
  async run(line: string): Promise<string> {
    this.type('clear');
    await expect.poll(() => this.screen.trim(), WHILE).toBe('shell:');
    this.type(`${line}; echo "status $?"`);
    await expect.poll(() => this.screen, WHILE).toMatch(/^status \d+$/m);
    return this.screen;
  }

  #tmux(...args: string[]): string {
    const env = { ...process.env, LC_ALL: 'C.UTF-8' };
    return execFileSync('tmux', ['-u', '-S', join(this.#folder, 'tmux'), ...args], { encoding: 'utf8', env });
  }
}

function endingWith(prompt: string): RegExp {
  return new RegExp(`${prompt.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}
