/** What is made of the commands and of the schema for people to read, by the name of its file. */

import { built } from '../../src/app/built.ts';
import { version } from '../../src/app/version.ts';
import { commands } from '../../src/cli/commands.ts';
import { fileReference } from '../../src/config/reference.ts';
import { commandPage } from './command-page.ts';
import { filePage } from './file-page.ts';
import { referencePage } from './reference-page.ts';

/** The manual pages, in roff. */
export function manualPages(edition = { version, date: built }): Readonly<Record<string, string>> {
  const tables = fileReference();
  return { 'fmucd.1': commandPage(commands, tables, edition), 'fmucd.toml.5': filePage(tables, edition) };
}

/** The whole file, in Markdown. */
export function reference(): string {
  return referencePage(fileReference());
}
