import { Jid } from '../lib/jid.ts';
import { formatStamp, parseStamp } from '../lib/stamp.ts';
import { attribute, copyOf, type Element, element, findChild, findChildren, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { delayElement } from './delay.ts';
import { type PageRequest, type PageResult, readPageRequest, resultSetElement } from './result-set.ts';

/** What is asked of an archive (XEP-0313 §4). Filters that are absent let everything through. */
export interface ArchiveQuery {
  readonly queryId?: string | undefined;
  readonly with?: Jid | undefined;
  /** Milliseconds since the epoch, as is `endsAt`. */
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
  readonly afterId?: string | undefined;
  readonly beforeId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly page: PageRequest;
  /** Whether the page is to be sent from its end (§4.3.4). */
  readonly isFlipped: boolean;
}

/** Why a query can't be understood: it isn't what it should be, has a field that nobody knows, or names nobody. */
export type QueryFault = 'malformed' | 'unknown field' | 'malformed address';

/** The fields of the form, and the types that they have (§4.1.6). */
const FIELDS: Readonly<Record<string, string>> = {
  with: 'jid-single',
  start: 'text-single',
  end: 'text-single',
  'before-id': 'text-single',
  'after-id': 'text-single',
  ids: 'list-multi',
};

/** Reads `<query/>`. */
export function readArchiveQuery(query: Element): ArchiveQuery | QueryFault {
  const page = readPageRequest(query) ?? {};
  const values = readFilters(query);
  if (page === 'malformed') return 'malformed';
  if (typeof values === 'string') return values;
  const first = (name: string): string | undefined => values.get(name)?.[0];
  const [start, end, jid] = [first('start'), first('end'), first('with')];
  const whose = Jid.tryParse(jid);
  if (jid !== undefined && whose === undefined) return 'malformed address';
  const [startsAt, endsAt] = [start, end].map((stamp) => parseStamp(stamp ?? ''));
  if ((start !== undefined && startsAt === undefined) || (end !== undefined && endsAt === undefined))
    return 'malformed';
  return {
    queryId: attribute(query, 'queryid'),
    with: whose,
    startsAt,
    endsAt,
    afterId: first('after-id'),
    beforeId: first('before-id'),
    ids: values.get('ids'),
    page,
    isFlipped: findChild(query, 'flip-page') !== undefined,
  };
}

/** The values of each field of the form, as far as any was filled in; none where there is no form. */
function readFilters(query: Element): ReadonlyMap<string, readonly string[]> | QueryFault {
  const values = new Map<string, readonly string[]>();
  const form = findChild(query, 'x', NS.dataForms);
  if (form === undefined) return values;
  if (attribute(form, 'type') !== 'submit') return 'malformed';
  for (const field of findChildren(form, 'field')) {
    const name = attribute(field, 'var') ?? '';
    const filled = findChildren(field, 'value')
      .map((value) => textOf(value).trim())
      .filter((value) => value !== '');
    if (name !== 'FORM_TYPE' && !Object.hasOwn(FIELDS, name)) return 'unknown field';
    if (filled.length > 0) values.set(name, filled);
  }
  return values.get('FORM_TYPE')?.[0] === NS.mam ? values : 'malformed';
}

/** The form that a query may fill in (§4.1.6). */
export function archiveForm(): Element {
  const form = element(
    'x',
    { xmlns: NS.dataForms, type: 'form' },
    element('field', { type: 'hidden', var: 'FORM_TYPE' }, element('value', {}, NS.mam)),
  );
  for (const [name, type] of Object.entries(FIELDS))
    form.cnode(
      element(
        'field',
        { type, var: name },
        // Any id may be in the list, and the list of all is never shown.
        type === 'list-multi'
          ? element('validate', { xmlns: NS.validate, datatype: 'xs:string' }, element('open'))
          : undefined,
      ),
    );
  return element('query', { xmlns: NS.mam }, form);
}

/** A message of the archive, on its way to whoever has asked (§4.2). */
export interface ArchiveResult {
  readonly id: string;
  readonly queryId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly stamp: number;
  /** As it was received, without `to`. */
  readonly message: Element;
}

/** `<result/>`, the payload of a message to whoever has asked. */
export function archiveResultElement({ id, queryId, stamp, message }: ArchiveResult): Element {
  const forwarded = copyOf(message);
  forwarded.attrs['xmlns'] = NS.client;
  return element(
    'result',
    { xmlns: NS.mam, queryid: queryId, id },
    element('forwarded', { xmlns: NS.forward }, delayElement({ stamp, from: undefined }), forwarded),
  );
}

/** `<fin/>`, which ends the answer (§4.3.2). */
export function finElement(result: PageResult, isComplete: boolean): Element {
  return element('fin', { xmlns: NS.mam, complete: isComplete ? 'true' : undefined }, resultSetElement(result));
}

/** The first or the last message of an archive. */
export interface ArchiveEnd {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly stamp: number;
}

/** What an archive has (§5); of one that has nothing there is nothing to say. */
export function archiveMetadata(start: ArchiveEnd | undefined, end: ArchiveEnd | undefined): Element {
  const metadata = element('metadata', { xmlns: NS.mam });
  for (const [name, at] of [
    ['start', start],
    ['end', end],
  ] as const)
    if (at !== undefined) metadata.cnode(element(name, { id: at.id, timestamp: formatStamp(at.stamp) }));
  return metadata;
}
