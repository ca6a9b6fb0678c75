import { attribute, type Element, element, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** XEP-0359: an id and the entity that assigned it. */
export interface StanzaId {
  readonly by: string;
  readonly id: string;
}

/** Every well-formed `<stanza-id/>` of a stanza. */
export function readStanzaIds(stanza: Element): StanzaId[] {
  return findChildren(stanza, 'stanza-id', NS.stanzaId).flatMap((child) => {
    const by = attribute(child, 'by');
    const id = attribute(child, 'id');
    return by === undefined || id === undefined || by === '' || id === '' ? [] : [{ by, id }];
  });
}

export function stanzaIdElement(id: StanzaId): Element {
  return element('stanza-id', { xmlns: NS.stanzaId, by: id.by, id: id.id });
}
