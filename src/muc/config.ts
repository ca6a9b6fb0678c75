import { Jid } from '../lib/jid.ts';
import { type FixedText, type FormField, formElement, readFields } from '../stanza/data-form.ts';
import type { Answer } from '../stanza/iq.ts';
import { attribute, childElements, childText, type Element, element, findChild, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { associate } from './admin.ts';
import { affiliationOf } from './affiliation.ts';
import { configure } from './configure.ts';
import { destroy } from './destroy.ts';
import { ROOM_ERRORS } from './errors.ts';
import { MAX_FIELD_LENGTH, refusedField } from './form-field.ts';
import { applySettings, CONFIG_FIELDS, readSettings } from './form-fields.ts';
import { listFields, readLists } from './form-lists.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most fields of a submitted form, and the most values of all of them together. */
export const MAX_FORM_FIELDS = 200;
export const MAX_FORM_VALUES = 2000;

/** Gives an owner the configuration form (XEP-0045 §10.1.3, §10.2). */
export function configForm(room: Room, from: Jid): Answer {
  if (affiliationOf(room, from.bare) !== 'owner') return { error: ROOM_ERRORS.notOwner };
  const settings = CONFIG_FIELDS.map(
    ({ name, label, type, options, show }): FormField => ({
      name,
      label,
      type,
      value: show(room.settings),
      ...(options === undefined ? {} : { options: options(room.settings) }),
    }),
  );
  const fixed: FixedText[] =
    room.fixed === undefined
      ? []
      : [{ type: 'fixed', value: "This room stands in the gateway's configuration file: it is persistent for good." }];
  const form = formElement(
    'form',
    NS.mucRoomConfig,
    `Configuration of ${room.jid}`,
    [...fixed, ...settings, ...listFields(room), ...(room.service.further?.show(room) ?? [])],
    'Complete this form to configure the room. What you leave out stays as it is.',
  );
  return { result: element('query', { xmlns: NS.mucOwner }, form) };
}

/**
 * An owner configures the room, destroys it, or gives up creating it (XEP-0045 §10.1.2, §10.1.3, §10.2, §10.9). An empty
 * form takes the settings as they are.
 */
export function handleOwnerRequest(room: Room, turn: Turn, from: Jid, query: Element): Answer {
  if (affiliationOf(room, from.bare) !== 'owner') return { error: ROOM_ERRORS.notOwner };
  const destruction = findChild(query, 'destroy');
  if (destruction !== undefined) return handleDestruction(room, turn, destruction);
  const form = findChild(query, 'x', NS.dataForms);
  const type = form && attribute(form, 'type');
  if (form === undefined || (type !== 'submit' && type !== 'cancel'))
    return { error: ROOM_ERRORS.malformedOwnerRequest };
  if (type === 'submit') return handleSubmission(room, turn, from, form);
  if (room.locked) destroy(room, turn, {});
  return { result: undefined };
}

/** The whole form is good and takes effect, or nothing of it does. */
function handleSubmission(room: Room, turn: Turn, from: Jid, form: Element): Answer {
  const { formType, values, repeated } = readFields(form);
  if (formType !== undefined && formType !== NS.mucRoomConfig) return { error: ROOM_ERRORS.otherForm };
  let count = 0;
  for (const field of findChildren(form, 'field')) count += childElements(field).length;
  if (values.size > MAX_FORM_FIELDS || count > MAX_FORM_VALUES) return { error: ROOM_ERRORS.tooManyItems };
  const [twice] = repeated;
  if (twice !== undefined) return { error: refusedField(twice, 'its values in one field, which stands once') };
  const read = readSettings(room.settings, values);
  if ('error' in read) return read;
  const { settings } = read;
  if (room.fixed !== undefined && !settings.persistent) return { error: ROOM_ERRORS.fixedByFile };
  const further = room.service.further?.read(room, values, settings);
  if (further !== undefined && 'error' in further) return further;
  const lists = readLists(room, values, settings);
  if ('error' in lists) return lists;
  const refusal = lists.changes && associate(room, turn, from, lists.changes, () => undefined);
  if (refusal !== undefined) return refusal;
  // What has come of the lists may be kept beside the settings of the form: whose voice lasts.
  const { further: _, ...rest } = applySettings(room.settings, settings);
  const kept = further === undefined ? room.settings.further : further.kept;
  configure(room, turn, { ...rest, ...(kept && { further: kept }) });
  return { result: undefined };
}

/** An owner destroys the room, perhaps with a reason, and with another place to go to (XEP-0045 §10.9). */
function handleDestruction(room: Room, turn: Turn, destruction: Element): Answer {
  if (room.fixed !== undefined) return { error: ROOM_ERRORS.fixedByFile };
  const alternate = attribute(destruction, 'jid');
  const password = childText(destruction, 'password');
  const reason = childText(destruction, 'reason');
  if (alternate !== undefined && Jid.tryParse(alternate) === undefined)
    return { error: ROOM_ERRORS.malformedAlternate };
  if ([password, reason].some((text) => (text ?? '').length > MAX_FIELD_LENGTH)) return { error: ROOM_ERRORS.tooLong };
  destroy(room, turn, { alternate, password, reason });
  return { result: undefined };
}
