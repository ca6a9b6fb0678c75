import { attribute, type Element, element, findChild, findChildren, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** XEP-0004: one field of a form, and its values. */
export interface FormField {
  readonly name: string;
  readonly type: 'hidden' | 'boolean' | 'text-single' | 'text-multi' | 'text-private' | 'list-single' | 'jid-single';
  readonly label?: string;
  /** Lines, where it has several; absent: it is to be filled in. */
  readonly value?: string;
  readonly required?: boolean;
  /** Of a list: value to label. */
  readonly options?: Readonly<Record<string, string>>;
}

/** A form of the given type, its FORM_TYPE first (XEP-0068). */
export function formElement(
  type: 'form' | 'result',
  formType: string,
  title: string | undefined,
  fields: readonly FormField[],
  instructions?: string,
): Element {
  const form = element(
    'x',
    { xmlns: NS.dataForms, type },
    title === undefined ? undefined : element('title', {}, title),
    instructions === undefined ? undefined : element('instructions', {}, instructions),
  );
  form.cnode(element('field', { var: 'FORM_TYPE', type: 'hidden' }, element('value', {}, formType)));
  for (const field of fields) {
    const built = element('field', { var: field.name, type: field.type, label: field.label });
    for (const [value, label] of Object.entries(field.options ?? {}))
      built.cnode(element('option', { label }, element('value', {}, value)));
    if (field.required === true) built.cnode(element('required'));
    const values = field.type === 'text-multi' ? field.value?.split('\n') : field.value;
    for (const value of values === undefined ? [] : [values].flat()) built.cnode(element('value', {}, value));
    form.cnode(built);
  }
  return form;
}

/** A submitted form, or the wish not to submit it. */
export type Submission =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'submit'; readonly formType: string | undefined; readonly values: ReadonlyMap<string, string> };

/** Reads the answer to a form; undefined where `parent` holds none. Of a field with several values the first counts. */
export function readSubmission(parent: Element): Submission | undefined {
  const form = findChild(parent, 'x', NS.dataForms);
  if (form === undefined) return undefined;
  const type = attribute(form, 'type');
  if (type === 'cancel') return { kind: 'cancel' };
  if (type !== 'submit') return undefined;
  const values = new Map<string, string>();
  for (const field of findChildren(form, 'field')) {
    const name = attribute(field, 'var');
    const value = findChild(field, 'value');
    if (name !== undefined && value !== undefined) values.set(name, textOf(value));
  }
  const formType = values.get('FORM_TYPE');
  values.delete('FORM_TYPE');
  return { kind: 'submit', formType, values };
}

/** The lines of a submitted field of type text-multi; undefined where `parent` holds no such field. */
export function readLines(parent: Element, name: string): string | undefined {
  const form = findChild(parent, 'x', NS.dataForms);
  const field = form && findChildren(form, 'field').find((one) => attribute(one, 'var') === name);
  return field && findChildren(field, 'value').map(textOf).join('\n');
}

/** Reads an XML Schema boolean; undefined where it is none. */
export function readBoolean(text: string): boolean | undefined {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  return undefined;
}
