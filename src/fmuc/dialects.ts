import type { Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import type { Kept } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { attribute, type Element, element, findChild, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Dialect, Peers } from './peer.ts';

/** The most domains whose dialect is remembered. */
export const MAX_DIALECTS = 256;
/** The most domains that are being asked at a time. */
export const MAX_ASKED = 256;

const DIALECTS: readonly Dialect[] = ['fmucd', 'xep', 'openfire'];
const ID_PREFIX = 'dialect-';

/**
 * What each domain speaks. Where the file doesn't say, it is asked once what it can do (XEP-0030), and the answer is
 * remembered in the store. Nothing waits for the answer.
 */
export class Dialects {
  readonly #peers: Peers;
  readonly #known: JournaledMap<string, Dialect>;
  readonly #asked = new Set<string>();

  constructor(peers: Peers, journal: Journal) {
    this.#peers = peers;
    this.#known = new JournaledMap(journal);
  }

  /** Takes over what the store kept of a domain. */
  restore(domain: string, kept: Pick<Kept, 'note'>): void {
    const dialect = DIALECTS.find((one) => one === kept.note(`dialect ${domain}`));
    if (dialect !== undefined) this.#known.set(domain, dialect);
  }

  /** What a domain speaks, undefined where that isn't known. */
  of(domain: string): Dialect | undefined {
    const { dialect } = this.#peers.to(domain);
    if (dialect !== 'auto') return dialect;
    return this.#known.get(domain);
  }

  /** A domain has shown what it speaks; answers whether that is news. What the file says stands. */
  learn(turn: Turn, domain: string, dialect: Dialect): boolean {
    if (this.#peers.to(domain).dialect !== 'auto' || this.of(domain) === dialect) return false;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_DIALECTS && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(domain, dialect);
    turn.write({ kind: 'note', key: `dialect ${domain}`, value: dialect });
    turn.log('info', 'dialect found out', { domain, dialect });
    return true;
  }

  /** Asks a domain that isn't known, and hasn't been asked since its way opened. */
  ask(turn: Turn, domain: string): void {
    if (this.#asked.has(domain) || this.#asked.size >= MAX_ASKED) return;
    this.#asked.add(domain);
    turn.deliver(
      element(
        'iq',
        { from: this.#peers.domain, to: domain, type: 'get', id: `${ID_PREFIX}${domain}` },
        element('query', { xmlns: NS.discoInfo }),
      ),
    );
  }

  /** The way to some domains has closed: who hasn't answered is asked anew. */
  forgetAsked(isLost: (domain: string) => boolean): void {
    for (const domain of this.#asked) if (isLost(domain)) this.#asked.delete(domain);
  }

  /** Whether a stanza is the answer of a domain that was asked; if so, what it speaks, undefined where it doesn't say. */
  readAnswer(from: Jid, stanza: Element): { readonly dialect: Dialect | undefined } | undefined {
    const type = attribute(stanza, 'type');
    if (stanza.name !== 'iq' || (type !== 'result' && type !== 'error')) return undefined;
    if (attribute(stanza, 'id') !== `${ID_PREFIX}${from.toString()}` || !this.#asked.delete(from.toString()))
      return undefined;
    const query = findChild(stanza, 'query', NS.discoInfo);
    // An error may come from a server on the way, and says nothing of the domain.
    if (type === 'error' || query === undefined) return { dialect: undefined };
    const features = findChildren(query, 'feature').map((feature) => attribute(feature, 'var'));
    if (features.includes(NS.sync)) return { dialect: 'fmucd' };
    return { dialect: isOpenfire(query) ? 'openfire' : 'xep' };
  }
}

/** Whether the software that the answer names (XEP-0232) is Openfire. */
function isOpenfire(query: Element): boolean {
  return findChildren(query, 'x', NS.dataForms).some((form) =>
    findChildren(form, 'field').some(
      (field) =>
        attribute(field, 'var') === 'software' && /openfire/i.test(findChildren(field, 'value')[0]?.getText() ?? ''),
    ),
  );
}
