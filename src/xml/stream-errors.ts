import type { Element } from './element.ts';
import { childElements, element, findChild, textOf } from './element.ts';
import { NS } from './names.ts';
import { serialise } from './serialise.ts';

/** The conditions that end a stream (RFC 6120 §4.9.3), each with what it tells a person. */
export const STREAM_ERRORS = {
  'bad-format': 'The XML makes no sense here',
  'bad-namespace-prefix': 'A namespace prefix is not supported, or missing where one is needed',
  conflict: 'Another stream has taken the place of this one',
  'connection-timeout': 'Nothing has been heard for too long',
  'host-gone': 'This domain is no longer served here',
  'host-unknown': 'This domain is not served here',
  'improper-addressing': 'A stanza needs proper addresses in both from and to',
  'internal-server-error': 'Something went wrong on this side; try again later',
  'invalid-from': 'The sender is not who this stream may speak for',
  'invalid-namespace': 'The namespace of the stream or of its content is not the one spoken here',
  'invalid-xml': 'The XML does not fit its schema',
  'not-authorized': 'The stream is not authenticated, or the secret is wrong',
  'not-well-formed': 'The XML is not well-formed',
  'policy-violation': 'This breaks a limit of this side',
  'remote-connection-failed': 'A party that this side depends on cannot be reached',
  reset: 'The stream must be opened anew',
  'resource-constraint': 'This side has too little left to serve the stream; try again later',
  'restricted-xml': 'Comments, processing instructions, document types and entities have no place in XMPP',
  'see-other-host': 'This is served elsewhere',
  'system-shutdown': 'This side is shutting down',
  'undefined-condition': 'The stream ended for a reason without a name',
  'unsupported-encoding': 'The stream must be in UTF-8',
  'unsupported-feature': 'A feature that this side needs is missing',
  'unsupported-stanza-type': 'The first-level element is none that this side knows',
  'unsupported-version': 'This version of XMPP is not supported',
} as const;

export type StreamErrorCondition = keyof typeof STREAM_ERRORS;

function isCondition(name: string): name is StreamErrorCondition {
  return Object.hasOwn(STREAM_ERRORS, name);
}

/** The application's own word on a stream error (RFC 6120 §4.9.4). */
export interface ApplicationCondition {
  readonly name: string;
  readonly namespace: string;
  /** What it says more, by the name of an element of its own. */
  readonly detail?: string;
}

/** Why a stream must end, or why the other side ended it. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly condition: StreamErrorCondition;
  readonly text: string;
  readonly application: ApplicationCondition | undefined;

  /** Without `text`, the condition's own. */
  constructor(condition: StreamErrorCondition, text?: string, application?: ApplicationCondition) {
    const words = text ?? STREAM_ERRORS[condition];
    super(`${condition}: ${words}`);
    this.condition = condition;
    this.text = words;
    this.application = application;
  }

  /** `<stream:error/>` for a stream that has declared the prefix, as every XMPP stream has (RFC 6120 §4.9.2). */
  toXml(): string {
    const children = [
      element(this.condition, { xmlns: NS.streamErrors }),
      element('text', { xmlns: NS.streamErrors, 'xml:lang': 'en' }, this.text),
      this.application && applicationElement(this.application),
    ];
    return serialise(element('stream:error', {}, ...children));
  }

  /** Reads what the parser delivered for a `<stream:error/>`. An unknown condition becomes `undefined-condition`. */
  static read(received: Element): StreamError {
    const children = childElements(received);
    const names = children.filter(({ attrs }) => attrs['xmlns'] === NS.streamErrors).map(({ name }) => name);
    const other = children.find(({ attrs }) => attrs['xmlns'] !== NS.streamErrors);
    const text = findChild(received, 'text', NS.streamErrors);
    return new StreamError(
      names.find(isCondition) ?? 'undefined-condition',
      (text === undefined ? textOf(received) : textOf(text)).trim() || undefined,
      other && { name: other.name, namespace: String(other.attrs['xmlns'] ?? NS.streams) },
    );
  }
}

function applicationElement({ name, namespace, detail }: ApplicationCondition): Element {
  return element(name, { xmlns: namespace }, detail === undefined ? undefined : element(detail));
}

/** Whether a first-level element is the stream's error. */
export function isStreamError(received: Element): boolean {
  return received.name === 'error' && received.attrs['xmlns'] === NS.streams;
}

/** Whether a first-level element is a stanza: one of the three, in the content namespace (RFC 6120 §8). */
export function isStanza(received: Element): boolean {
  return STANZAS.has(received.name) && received.attrs['xmlns'] === undefined;
}

const STANZAS: ReadonlySet<string> = new Set(['message', 'presence', 'iq']);
