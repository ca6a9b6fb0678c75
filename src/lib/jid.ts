/** JIDs (RFC 7622): parsed once at the edge, prepared, compared as text from then on. */

import { isIpv6 } from './address.ts';
import { lazily } from './lazily.ts';
import { fitsPart, MAX_PART_BYTES, prepareOpaque, prepareUsername } from './precis.ts';

/** A text that isn't a JID. The message says what is wrong, fit for an operator's or a user's eyes. */
export class JidError extends Error {
  override readonly name = 'JidError';
}

/** A JID in its prepared form. Immutable; two are the same address exactly when their texts are equal. */
export class Jid {
  readonly local: string | undefined;
  readonly domain: string;
  readonly resource: string | undefined;
  /** `local@domain`, or the domain. */
  readonly bare: string;

  private constructor(local: string | undefined, domain: string, resource: string | undefined) {
    this.local = local;
    this.domain = domain;
    this.resource = resource;
    this.bare = local === undefined ? domain : `${local}@${domain}`;
  }

  /** Splits (RFC 7622 §3.1) and prepares each part. Throws JidError. */
  static parse(text: string): Jid {
    const slash = text.indexOf('/');
    const bare = slash === -1 ? text : text.slice(0, slash);
    const at = bare.indexOf('@');
    return new Jid(
      at === -1 ? undefined : prepareLocal(bare.slice(0, at)),
      prepareDomain(bare.slice(at + 1)),
      slash === -1 ? undefined : prepareResource(text.slice(slash + 1)),
    );
  }

  /** Undefined where the text is absent or isn't a JID. */
  static tryParse(text: string | undefined): Jid | undefined {
    if (text === undefined) return undefined;
    try {
      return Jid.parse(text);
    } catch (error) {
      if (error instanceof JidError) return undefined;
      throw error;
    }
  }

  get isBare(): boolean {
    return this.resource === undefined;
  }

  toBare(): Jid {
    return this.isBare ? this : new Jid(this.local, this.domain, undefined);
  }

  /** The same bare JID with that resource, which is prepared. Throws JidError. */
  withResource(resource: string): Jid {
    return new Jid(this.local, this.domain, prepareResource(resource));
  }

  equals(other: Jid): boolean {
    return this.bare === other.bare && this.resource === other.resource;
  }

  /** The whole JID. */
  toString(): string {
    return this.resource === undefined ? this.bare : `${this.bare}/${this.resource}`;
  }
}

/** RFC 7622 §3.3.1: what a username may have and a localpart may not. */
const FORBIDDEN_IN_LOCAL = /["&'/:<>@]/;

/** The domain of a JID that has been prepared already; cheaper than parsing it again. */
export function domainOf(prepared: string): string {
  const bare = bareOf(prepared);
  return bare.slice(bare.indexOf('@') + 1);
}

/** The bare JID of one that has been prepared already. */
export function bareOf(prepared: string): string {
  const slash = prepared.indexOf('/');
  return slash === -1 ? prepared : prepared.slice(0, slash);
}

function prepareLocal(text: string): string {
  const prepared = prepareUsername(text);
  return checked('localpart', text, prepared !== undefined && FORBIDDEN_IN_LOCAL.test(prepared) ? undefined : prepared);
}

function prepareResource(text: string): string {
  return checked('resourcepart', text, prepareOpaque(text));
}

/**
 * RFC 7622 §3.2: an IPv6 literal, or labels in lower case and NFC without a final dot. A label has letters, digits, marks
 * and inner hyphens (RFC 5890), or an underscore, which closed networks use. A-labels stay as they are.
 */
function prepareDomain(text: string): string {
  const domain = text
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .toLowerCase()
    .normalize('NFC')
    .replace(/\.$/, '');
  const valid = domain.startsWith('[') ? isIpv6(domain.replace(/^\[(.*)\]$/, '$1')) : domain.split('.').every(isLabel);
  return checked('domainpart', text, valid ? domain : undefined);
}

const ASCII_LABEL = /^(?!-)[a-z\d_-]+(?<!-)$/;
const LABEL = lazily(() => /^(?!-)(?![\p{M}])[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}_-]+(?<!-)$/u);
/** RFC 1035 §2.3.4. */
const MAX_LABEL_LENGTH = 63;

function isLabel(label: string): boolean {
  return (ASCII_LABEL.test(label) || LABEL().test(label)) && label.length <= MAX_LABEL_LENGTH;
}

function checked(part: string, text: string, prepared: string | undefined): string {
  if (text === '') throw new JidError(`the ${part} is empty`);
  if (prepared === undefined) throw new JidError(`the ${part} has characters that it can't have`);
  if (!fitsPart(prepared)) throw new JidError(`the ${part} is longer than ${MAX_PART_BYTES} bytes`);
  return prepared;
}
