import sax from 'sax';
import { StreamError } from './stream-errors.ts';

/** A start tag with its namespace resolved. */
export interface StartTag {
  /** Without prefix. */
  readonly name: string;
  readonly namespace: string;
  /** The namespace that elements without a prefix have here. */
  readonly defaultNamespace: string;
  /** In document order. Declarations of namespaces, and attributes in a namespace other than xml's, are left out. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

export interface MarkupHandler {
  startTag(tag: StartTag): void;
  /** In pieces; whitespace between the stanzas too. */
  text(text: string): void;
  endTag(): void;
}

export interface MarkupLimits {
  /** Bytes between two calls of `startUnit`. */
  readonly bytes: number;
  /** Attributes of one element, declarations of namespaces included. */
  readonly attributes: number;
}

/** What of sax's parser we look at, beyond its types. */
interface SaxInternals extends sax.SAXParser {
  readonly state: number;
  readonly sgmlDecl: string;
  readonly entity: string;
  readonly tagName: string;
  readonly textNode: string;
  readonly tags: readonly unknown[];
}
const { SAXParser, STATE } = sax as unknown as {
  SAXParser: new (strict: boolean, options: object) => SaxInternals;
  STATE: Readonly<Record<string, number>>;
};

/** sax is fed one delimiter, or what stands between two of them, at a time: so its state is known for every character. */
const PIECES = /[^<>&;"']+|[<>&;"']/g;

const CDATA = '[CDATA[';
const XML_DECLARATION =
  /^version\s*=\s*(["'])1\.0\1(?:\s+encoding\s*=\s*(["'])([\w.-]+)\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*$/;
const QNAME = /^(?:[^:]+:)?(?![-.\d\u00b7\u203f\u2040]|[\u0300-\u036f])[^:]+$/;
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';

/**
 * Namespace-well-formed XML, restricted as RFC 6120 §11.1 asks, from sax: what sax lets pass is refused here. Text comes
 * in, whole tags and text go out. Throws StreamError at the first violation; no use after that.
 */
export class StrictSax {
  readonly #sax: SaxInternals;
  readonly #handler: MarkupHandler;
  #limits: MarkupLimits;
  #attributes: sax.QualifiedAttribute[] = [];
  #unitBytes = 0;
  /** Nothing but the first `<` has been read. */
  #atStart = true;

  constructor(handler: MarkupHandler, limits: MarkupLimits) {
    this.#handler = handler;
    this.#limits = limits;
    this.#sax = new SAXParser(true, { xmlns: true, position: false, strictEntities: true });
    this.#sax.onerror = (error) => {
      throw notWellFormed(error.message);
    };
    this.#sax.onprocessinginstruction = ({ name, body }) => checkDeclaration(name, body);
    this.#sax.onattribute = (attribute) => {
      this.#attributes.push(attribute as sax.QualifiedAttribute);
    };
    this.#sax.onopentag = (tag) => this.#startTag(tag as sax.QualifiedTag);
    this.#sax.onclosetag = () => this.#handler.endTag();
    this.#sax.ontext = (text) => this.#handler.text(text);
    this.#sax.oncdata = (text) => this.#handler.text(text);
  }

  /** Bears more from now on. */
  relax(limits: MarkupLimits): void {
    this.#limits = limits;
  }

  /** Starts counting bytes anew. */
  startUnit(): void {
    this.#unitBytes = 0;
  }

  /** Legal characters with line feeds as line ends. */
  write(text: string): void {
    for (const [piece] of text.matchAll(PIECES)) {
      this.#count(piece);
      this.#check(piece);
      this.#sax.write(this.#sax.state === STATE['ATTRIB_VALUE_QUOTED'] ? piece.replace(/[\t\n]/g, ' ') : piece);
      this.#atStart &&= piece === '<';
      // Between the stanzas sax would gather keepalives without end.
      if (this.#sax.state === STATE['TEXT'] && this.#sax.tags.length <= 1) this.#sax.flush();
    }
  }

  #count(piece: string): void {
    this.#unitBytes += Buffer.byteLength(piece);
    if (this.#unitBytes > this.#limits.bytes)
      throw new StreamError('policy-violation', `A stanza has more than ${this.#limits.bytes} bytes`);
  }

  /** What sax would take, given its state before the piece. */
  #check(piece: string): void {
    const { state, tagName } = this.#sax;
    switch (state) {
      case STATE['BEGIN']:
        if (piece.startsWith('\ufeff')) throw notWellFormed('A byte order mark');
        break;
      case STATE['OPEN_WAKA']:
        if (/^\/?\s/.test(piece)) throw notWellFormed('White space before the name of a tag');
        if (piece.startsWith('!')) checkCdata(piece.slice(1));
        if (piece.startsWith('?') && !this.#atStart)
          throw new StreamError('restricted-xml', 'A processing instruction has no place in XMPP');
        break;
      case STATE['SGML_DECL']:
        checkCdata(this.#sax.sgmlDecl + piece);
        break;
      case STATE['CLOSE_TAG']:
        if (tagName === '' && /^\s/.test(piece)) throw notWellFormed('White space before the name of a tag');
        break;
      case STATE['ATTRIB_VALUE_QUOTED']:
        if (piece === '<') throw notWellFormed('Unencoded < in an attribute');
        break;
      case STATE['TEXT_ENTITY']:
      case STATE['ATTRIB_VALUE_ENTITY_Q']:
        if (piece === ';') checkReference(this.#sax.entity);
        break;
      case STATE['TEXT']:
        if (piece === '>' && this.#sax.textNode.endsWith(']]')) throw notWellFormed('Unencoded ]]> in text');
        break;
    }
  }

  #startTag(tag: sax.QualifiedTag): void {
    const attributes = this.#attributes;
    this.#attributes = [];
    if (attributes.length > this.#limits.attributes)
      throw new StreamError('policy-violation', `An element has more than ${this.#limits.attributes} attributes`);
    checkName(tag);
    if (tag.prefix === 'xmlns') throw notWellFormed('The prefix xmlns on an element');
    checkAttributes(attributes);
    this.#handler.startTag({
      name: tag.local,
      namespace: tag.uri,
      defaultNamespace: tag.ns[''] ?? '',
      attributes: attributes
        .filter(({ name, prefix }) => name !== 'xmlns' && (prefix === '' || prefix === 'xml'))
        .map(({ name, value }) => [name, value]),
    });
  }
}

function notWellFormed(text: string): StreamError {
  return new StreamError('not-well-formed', text);
}

function checkDeclaration(name: string, body: string): void {
  if (name !== 'xml') throw new StreamError('restricted-xml', 'A processing instruction has no place in XMPP');
  const declaration = XML_DECLARATION.exec(body);
  if (declaration === null) throw notWellFormed('The XML declaration is not one of XML 1.0');
  const encoding = declaration[3] ?? 'utf-8';
  if (encoding.toLowerCase() !== 'utf-8') throw new StreamError('unsupported-encoding');
}

/** After `<!`: nothing but a CDATA section. */
function checkCdata(start: string): void {
  if (!CDATA.startsWith(start.slice(0, CDATA.length)))
    throw new StreamError('restricted-xml', 'Comments and document types have no place in XMPP');
}

/** XML 1.0 §4.1; sax checks that a number is a character's. */
function checkReference(entity: string): void {
  if (/^#(?:\d+|x[\da-fA-F]+)$/.test(entity) || /^(?:amp|lt|gt|quot|apos)$/.test(entity)) return;
  if (entity.startsWith('#')) throw notWellFormed('Malformed character reference');
  throw new StreamError('restricted-xml', 'An entity other than the predefined has no place in XMPP');
}

/** Namespaces in XML §4. sax takes what every object inherits (`constructor`) for a declared prefix. */
function checkName({ name, uri }: sax.QualifiedName): void {
  if (!QNAME.test(name)) throw notWellFormed('A name that is none of Namespaces in XML');
  if (typeof uri !== 'string') throw notWellFormed('Unbound namespace prefix');
}

/** Namespaces in XML §3, §5 and §6.3. */
function checkAttributes(attributes: readonly sax.QualifiedAttribute[]): void {
  const seen = new Set<string>();
  for (const attribute of attributes) {
    checkName(attribute);
    if (attribute.prefix === 'xmlns') checkNamespaceDeclaration(attribute);
    const expanded = `${attribute.uri} ${attribute.local}`;
    if (seen.has(expanded)) throw notWellFormed('Duplicate attribute');
    seen.add(expanded);
  }
}

function checkNamespaceDeclaration({ local, value }: sax.QualifiedAttribute): void {
  const wrong =
    (local !== '' && value === '') ||
    local === 'xmlns' ||
    value === XMLNS_NAMESPACE ||
    (value === XML_NAMESPACE) !== (local === 'xml');
  if (wrong) throw notWellFormed('A declaration of a namespace that Namespaces in XML forbids');
}
