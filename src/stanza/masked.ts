import { attribute, copyOf, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** What stands in the place of a secret. */
export const MASK = '***';

/** Elements whose content is a secret in every namespace: passwords of rooms and accounts, and the component's handshake. */
const SECRET_ELEMENTS = new Set(['password', 'handshake']);

/** Namespaces of which every content is a secret, or a file of somebody's: only whoever it is for is to have that. */
const SECRET_NAMESPACES = new Set<string | undefined>([
  NS.dialback,
  NS.sasl,
  'urn:xmpp:sasl:2',
  'jabber:iq:auth',
  'http://jabber.org/protocol/ibb',
  'urn:xmpp:bob',
]);

/** Fields of forms that hold secrets, such as `muc#roomconfig_roomsecret` (XEP-0045 §10.2). */
const SECRET_FIELD = /secret|password|passphrase/i;

/** The same stanza with no secret in it, for whoever looks on: the stanza itself where it has none. */
export function masked(element: Element, around?: string): Element {
  const namespace = attribute(element, 'xmlns') ?? around;
  const isSecret = SECRET_ELEMENTS.has(element.name) || SECRET_NAMESPACES.has(namespace) || isSecretField(element);
  const children = element.children.map((child) => {
    if (typeof child !== 'string') return isSecret && child.name === 'value' ? hidden(child) : masked(child, namespace);
    return isSecret && child.trim() !== '' ? MASK : child;
  });
  const isPassword = attribute(element, 'password') !== undefined;
  if (!isPassword && children.every((child, at) => child === element.children[at])) return element;
  const copy = copyOf(element);
  copy.children = children;
  if (isPassword) copy.attrs['password'] = MASK;
  return copy;
}

function isSecretField(element: Element): boolean {
  if (element.name !== 'field') return false;
  return SECRET_FIELD.test(attribute(element, 'var') ?? '') || attribute(element, 'type') === 'text-private';
}

function hidden(value: Element): Element {
  const copy = copyOf(value);
  if (copy.children.length > 0) copy.children = [MASK];
  return copy;
}
