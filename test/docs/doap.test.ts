import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { parseElement } from '../../src/xml/parse.ts';
import { root } from '../support/build.ts';
import { pageAt } from './pages.ts';

/* src/fmucd.doap: the XEPs that are there, for programs (XEP-0453). */

const DOAP = 'http://usefulinc.com/ns/doap#';
const XMPP = 'https://linkmauve.fr/ns/xmpp-doap#';
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

const text = readFileSync(join(root, 'src/fmucd.doap'), 'utf8');
const document = parseElement(text.replace(/^<\?xml version='1.0' encoding='UTF-8'\?>\n/, ''));
const project = document.getChild('Project', DOAP);
const supported = (project?.getChildren('implements', DOAP) ?? []).flatMap((one) => {
  const xep = one.getChild('SupportedXep', XMPP);
  return xep === undefined ? [] : [xep];
});
const of = (xep: (typeof supported)[number], name: string): string | undefined => xep.getChild(name, XMPP)?.getText();
/** As in `XEP-0045`, in the order of `supported`: the parser leaves no attribute of a foreign namespace. */
const numbers = [
  ...text.matchAll(/<xmpp:xep rdf:resource='https:\/\/xmpp\.org\/extensions\/(xep-\d{4})\.html'\/>/g),
].map(([, number = '']) => number.toUpperCase());

it('is RDF/XML of one project', () => {
  expect([document.name, document.getNS()]).toEqual(['RDF', RDF]);
  expect(project?.getChildText('name')).toBe(packageFile.name);
  expect(project?.getChildText('shortdesc')).toBe(packageFile.description);
  expect(text).toContain(`doap/licenses/${packageFile.license.toLowerCase()}'`);
});

it('has the XEPs that README.md says are here, each once, and no other', () => {
  const readme = pageAt('README.md').text;
  const here = readme.slice(readme.indexOf('\n## What is here'), readme.indexOf('\n## Where things are'));
  const claimed = new Set([...here.matchAll(/XEP-\d{4}/g)].map(([xep]) => xep).filter((xep) => xep !== 'XEP-0453'));
  expect(numbers).toEqual([...claimed].sort());
  expect(numbers.length).toBe(supported.length);
});

it.each(supported.map((xep, at) => [numbers[at], xep] as const))(
  '%s has a status, a version and since when',
  (_, xep) => {
    expect(['complete', 'partial', 'wontfix']).toContain(of(xep, 'status'));
    expect(of(xep, 'version')).toMatch(/^\d+\.\d+(?:\.\d+)?$/);
    expect(of(xep, 'since')).toBe(of(xep, 'status') === 'wontfix' ? undefined : '0.1.0');
    if (of(xep, 'status') === 'partial') expect(of(xep, 'note')).toMatch(/\.$/);
  },
);
