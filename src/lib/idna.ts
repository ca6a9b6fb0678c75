/** Domains as DNS and certificates have them (RFC 5890). */

const ASCII_DOMAIN = /^(?=.{1,253}$)(?:(?!-)[a-z\d_-]{1,63}(?<!-)(?:\.(?!$)|$))+$/;
/** What would be read as a part of a URL, or as an address; prepared domains have none of it. */
const NO_LABEL = /[\0-,/:-^`{-\x7f\u3002]|\.\.|^\.|(?:^|\.)(?:\d+|0x[\da-f]*)$/;
/** Left out by IDNA, and never seen. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/**
 * A domain in ASCII: lower case, labels of other scripts as A-labels, no final dot. Undefined for an address, and for whatever
 * DNS can't have, or would have only under another name.
 */
export function asciiDomain(domain: string): string | undefined {
  const name = domain.replace(/\.$/, '').toLowerCase();
  if (NO_LABEL.test(name) || INVISIBLE.test(name) || name.normalize('NFKC') !== name) return undefined;
  const ascii = /[^\0-\x7f]/.test(name) ? hostOf(name) : name;
  return ascii !== undefined && ASCII_DOMAIN.test(ascii) ? ascii : undefined;
}

function hostOf(name: string): string | undefined {
  const url = `http://${name}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
