/** Text for man(7) pages, in what groff and mandoc both know. */

/** Prose or a literal as roff has it: nothing in it is a request, and what is to be typed can be copied. */
export function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^\./gm, '\\&.');
}

export const bold = (text: string): string => `\\fB${escaped(text)}\\fR`;
export const italic = (text: string): string => `\\fI${escaped(text)}\\fR`;

export const section = (title: string): string => `.SH ${escaped(title)}`;
export const subsection = (title: string): string => `.SS ${escaped(title)}`;
export const paragraph = (text: string): string => `.PP\n${text}`;

/** A term, and what is said of it beneath; both in roff. */
export const tagged = (term: string, ...body: readonly string[]): string => ['.TP', term, ...body].join('\n');

/** Another paragraph of the same body. */
export const more = (text: string): string => `.IP\n${text}`;

/** What belongs to the body before, further in. */
export const within = (...lines: readonly string[]): string => ['.RS', ...lines, '.RE'].join('\n');

/** Lines as they stand. */
export const verbatim = (text: string): string => `.PP\n.RS 4\n.nf\n${escaped(text)}\n.fi\n.RE`;

/** What the sources say in a few words, as a sentence. */
export const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** A page from its head on. `date` is in milliseconds since the epoch. */
export function page(name: string, chapter: number, manual: string, edition: Edition, body: readonly string[]): string {
  const day = new Date(edition.date).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const head = `.TH ${escaped(name.toUpperCase())} ${chapter} ${day} "fmucd ${edition.version}" "${manual}"`;
  // Without hyphenation a name is never broken, and without justification lines of literals have no gaps.
  return [head, '.nh', '.ad l', ...body, ''].join('\n');
}

/** Which program it is about. */
export interface Edition {
  readonly version: string;
  /** When it was written, in milliseconds since the epoch. */
  readonly date: number;
}
