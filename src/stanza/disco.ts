import { type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** XEP-0030 §3: what an entity is and speaks. */
export interface DiscoInfo {
  readonly category: string;
  readonly type: string;
  readonly name: string;
  /** In any order. */
  readonly features: readonly string[];
  /** Extensions (XEP-0128). */
  readonly forms?: readonly Element[];
}

export function discoInfoElement(info: DiscoInfo): Element {
  const query = element(
    'query',
    { xmlns: NS.discoInfo },
    element('identity', { category: info.category, type: info.type, name: info.name }),
  );
  for (const feature of [...new Set(info.features)].sort()) query.cnode(element('feature', { var: feature }));
  for (const form of info.forms ?? []) query.cnode(form);
  return query;
}

/** What one node of an entity is: empty where it is nothing (XEP-0030 §3.1). */
export function discoNodeElement(node: string, identity: Element | undefined): Element {
  return element('query', { xmlns: NS.discoInfo, node }, identity);
}

/** XEP-0030 §4 */
export interface DiscoItem {
  readonly jid: string;
  readonly name?: string;
}

export function discoItemsElement(items: readonly DiscoItem[]): Element {
  const query = element('query', { xmlns: NS.discoItems });
  for (const item of items) query.cnode(element('item', { jid: item.jid, name: item.name }));
  return query;
}
