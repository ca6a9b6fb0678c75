import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/build.ts';

/** What a page has between two fences. */
interface Block {
  /** Such as `toml`. */
  readonly language: string;
  /** Without the indentation of its fence. */
  readonly text: string;
  /** The heading above it. */
  readonly section: string;
}

/** A page of the documentation. */
export class Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(join(root, path), 'utf8');
    this.blocks = [...this.text.matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms)].map(
      ({ 1: indent = '', 2: language = '', 3: text = '', index }) => ({
        language,
        text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
        section:
          this.text
            .slice(0, index)
            .match(/^#+ .*$/gm)
            ?.at(-1)
            ?.replace(/^#+ /, '') ?? '',
      }),
    );
  }

  /** The blocks of one language under one heading. */
  in(section: string, language: string): readonly string[] {
    return this.blocks
      .filter((block) => block.section === section && block.language === language)
      .map(({ text }) => text);
  }

  /** Without its blocks. */
  get prose(): string {
    return this.text.replaceAll(/^ *```\w+\n.*?^ *```$/gms, '');
  }

  /** What stands in backquotes in the prose. */
  get spans(): readonly string[] {
    return [...this.prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  }

  /** What its headings are called in a link. */
  get anchors(): readonly string[] {
    return [...this.prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
  }
}

/** Every page: those named README, and those that they lead to. */
export const pages: readonly Page[] = [
  'README.md',
  ...['src', 'test', 'build', 'image'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file)),
  ),
].map((path) => new Page(path));

/** The page at a path of the repository. */
export function pageAt(path: string): Page {
  const page = pages.find((one) => one.path === path);
  if (page === undefined) throw new Error(`no page ${path}`);
  return page;
}
