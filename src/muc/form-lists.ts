import { Jid } from '../lib/jid.ts';
import type { Affiliation } from '../stanza/associations.ts';
import type { FormField, FormValues } from '../stanza/data-form.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { ROOM_ERRORS } from './errors.ts';
import { refusedField } from './form-field.ts';
import type { RoomSettings } from './records.ts';
import type { Room } from './room.ts';

/* The form's full lists of owners and admins (XEP-0045 §10.2, §15.5.3). */

const ADMINS = 'muc#roomconfig_roomadmins';
const OWNERS = 'muc#roomconfig_roomowners';

/** Both lists as they stand; the admins of the file are owners, whatever is submitted. */
export function listFields(room: Room): FormField[] {
  return [
    { name: ADMINS, type: 'jid-multi', label: 'All admins of the room', value: listed(room, 'admin') },
    {
      name: OWNERS,
      type: 'jid-multi',
      label: 'All owners of the room',
      value: [...room.service.admins, ...listed(room, 'owner')],
    },
  ];
}

/**
 * What the submitted lists change, as a request of muc#admin (XEP-0045 §10.8), which has its checks and effects; nothing where
 * they change nothing. Who is an owner no more is an admin then; an admin no more is a member where only members may be
 * in the room, else nobody in particular (§10.2).
 */
export function readLists(
  room: Room,
  submitted: FormValues,
  settings: RoomSettings,
): { readonly changes: Element | undefined } | { readonly error: StanzaError } {
  const owners = readJids(submitted.get(OWNERS));
  const admins = readJids(submitted.get(ADMINS));
  if (owners === 'malformed') return { error: refusedField(OWNERS, 'JIDs') };
  if (admins === 'malformed') return { error: refusedField(ADMINS, 'JIDs') };
  const ownersBefore = listed(room, 'owner');
  const changes = new Map<string, Affiliation>();
  if (owners !== undefined) {
    for (const jid of ownersBefore) if (!owners.has(jid)) changes.set(jid, 'admin');
    // Those of the file are owners in any case.
    for (const jid of owners)
      if (!ownersBefore.includes(jid) && !room.service.admins.has(jid)) changes.set(jid, 'owner');
  }
  if (admins !== undefined) {
    const adminsBefore = listed(room, 'admin');
    const ownersAfter = owners ?? new Set(ownersBefore);
    for (const jid of admins) {
      if (room.service.admins.has(jid)) return { error: ROOM_ERRORS.fixedByFile };
      if (ownersAfter.has(jid)) return { error: refusedField(ADMINS, `nobody who is in ${OWNERS} too, like ${jid}`) };
      if (!adminsBefore.includes(jid)) changes.set(jid, 'admin');
    }
    const rest = settings.membersOnly ? 'member' : 'none';
    for (const jid of adminsBefore) if (!admins.has(jid) && !ownersAfter.has(jid)) changes.set(jid, rest);
  }
  if (changes.size === 0) return { changes: undefined };
  const query = element('query', { xmlns: NS.mucAdmin });
  for (const [jid, affiliation] of changes) query.cnode(element('item', { jid, affiliation }));
  return { changes: query };
}

/** Who is on that list, but for the admins of the file. */
function listed({ affiliations, service }: Room, affiliation: Affiliation): string[] {
  return [...affiliations].flatMap(([jid, entry]) =>
    entry.affiliation === affiliation && !service.admins.has(jid) ? jid : [],
  );
}

/** Bare JIDs, each once; undefined where there is no such field. */
function readJids(values: readonly string[] | undefined): ReadonlySet<string> | 'malformed' | undefined {
  const jids = values?.filter((value) => value.trim() !== '').map((value) => Jid.tryParse(value.trim())?.bare);
  if (jids === undefined) return undefined;
  const valid = jids.filter((jid) => jid !== undefined);
  return valid.length < jids.length ? 'malformed' : new Set(valid);
}
