import { CharacterReader } from './characters.ts';
import type { Element } from './element.ts';
import { NS } from './names.ts';
import { StanzaBuilder, type StanzaLimits } from './stanza-builder.ts';
import { StreamError } from './stream-errors.ts';
import { type MarkupLimits, type StartTag, StrictSax } from './strict-sax.ts';

/** What a stream may cost. Beyond any of these it ends with `policy-violation` (RFC 6120 §13.12). */
export interface ParserLimits extends StanzaLimits {
  /** Of one stanza, or of the stream header, counted as they arrive. */
  readonly stanzaBytes: number;
  /** Of one element, declarations of namespaces included. */
  readonly attributes: number;
}

export const DEFAULT_LIMITS: ParserLimits = { stanzaBytes: 262_144, attributes: 64, depth: 64, elements: 4096 };

/** The start tag of a stream. `attrs` has no prototype, and no declarations of namespaces. */
export interface StreamHeader {
  readonly name: string;
  readonly namespace: string;
  readonly attrs: Readonly<Record<string, string>>;
}

/** What a stream consists of. A StreamError thrown from here is a violation like any other. */
export interface StreamHandler {
  streamOpen(header: StreamHeader): void;
  /** A first-level element in canonical form, `<stream:error/>` and `<stream:features/>` among them. */
  stanza(stanza: Element): void;
  streamClose(): void;
}

export interface StreamParserOptions {
  readonly contentNamespace: string;
  /** XEP-0361: the bytes are inside a stream that counts as open. No header comes, and none may. */
  readonly implicitOpen: boolean;
  readonly limits?: Partial<ParserLimits>;
}

/**
 * A byte stream as its stanzas (RFC 6120 §4 and §11). Each is handed over once its end tag is there, in the canonical
 * form of element.ts. `xml:lang` and its like are kept; other attributes with a prefix, for which XMPP has no use, are
 * left out.
 */
export class StreamParser {
  readonly #handler: StreamHandler;
  readonly #contentNamespace: string;
  readonly #characters = new CharacterReader();
  readonly #sax: StrictSax;
  readonly #builder: StanzaBuilder;
  #limits: ParserLimits;
  #stream: 'implied' | 'awaited' | 'open' | 'closed';
  #failure: Error | undefined;

  constructor(options: StreamParserOptions, handler: StreamHandler) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#limits = limits;
    this.#handler = handler;
    this.#contentNamespace = options.contentNamespace;
    this.#builder = new StanzaBuilder(options.contentNamespace, limits);
    this.#sax = new StrictSax(
      { startTag: (tag) => this.#startTag(tag), text: (text) => this.#text(text), endTag: () => this.#endTag() },
      markupLimits(limits),
    );
    this.#stream = options.implicitOpen ? 'implied' : 'awaited';
    if (options.implicitOpen)
      this.#sax.write(`<stream:stream xmlns:stream="${NS.streams}" xmlns="${options.contentNamespace}">`);
  }

  /** Bears more from now on, as of a peer that has shown who it is; limits that aren't named stay. */
  relax(limits: Partial<ParserLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
    this.#builder.relax(this.#limits);
    this.#sax.relax(markupLimits(this.#limits));
  }

  /**
   * Takes the next bytes, split wherever they were. Throws StreamError at the first violation, after what came before it
   * has been handed over. From then on the parser is dead and throws the same error again.
   */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const { text, fault } = this.#characters.read(bytes);
      this.#sax.write(text);
      if (fault !== undefined) throw fault;
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
  }

  #startTag(tag: StartTag): void {
    switch (this.#stream) {
      case 'implied':
        this.#openStream();
        break;
      case 'awaited':
        this.#checkHeader(tag);
        this.#openStream();
        this.#handler.streamOpen({
          name: tag.name,
          namespace: tag.namespace,
          attrs: Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(tag.attributes)),
        });
        break;
      case 'open':
        if (isStream(tag)) throw new StreamError('bad-format', 'A stream inside the stream');
        this.#builder.startTag(tag);
        break;
      case 'closed':
        throw afterTheEnd();
    }
  }

  #openStream(): void {
    this.#stream = 'open';
    this.#sax.startUnit();
  }

  /** RFC 6120 §4.8.1 and §4.8.2; the prefix itself is free. */
  #checkHeader(tag: StartTag): void {
    if (tag.namespace !== NS.streams) throw new StreamError('invalid-namespace', 'This is no XMPP stream');
    if (!isStream(tag)) throw new StreamError('bad-format', 'A stream starts with <stream/>');
    if (tag.defaultNamespace !== this.#contentNamespace)
      throw new StreamError('invalid-namespace', `The content of this stream is in ${this.#contentNamespace}`);
  }

  #text(text: string): void {
    if (this.#builder.isOpen) return this.#builder.text(text);
    if (/[^\t\n\r ]/.test(text)) {
      if (this.#stream === 'closed') throw afterTheEnd();
      throw new StreamError('bad-format', 'Text between stanzas');
    }
    this.#sax.startUnit();
  }

  #endTag(): void {
    if (!this.#builder.isOpen) {
      this.#stream = 'closed';
      this.#handler.streamClose();
      return;
    }
    const stanza = this.#builder.endTag();
    if (stanza === undefined) return;
    this.#sax.startUnit();
    this.#handler.stanza(stanza);
  }
}

function markupLimits({ stanzaBytes, attributes }: ParserLimits): MarkupLimits {
  return { bytes: stanzaBytes, attributes };
}

function isStream({ name, namespace }: StartTag): boolean {
  return name === 'stream' && namespace === NS.streams;
}

function afterTheEnd(): StreamError {
  return new StreamError('not-well-formed', 'Something after the end of the stream');
}
