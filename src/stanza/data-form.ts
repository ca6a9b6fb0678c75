import { attribute, type Element, element, findChild, findChildren, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** XEP-0004: one field of a form, and its values. */
export interface FormField {
  readonly name: string;
  readonly type:
    | 'hidden'
    | 'boolean'
    | 'text-single'
    | 'text-multi'
    | 'text-private'
    | 'list-single'
    | 'list-multi'
    | 'jid-single'
    | 'jid-multi';
  readonly label?: string;
  /** One value, or any number of them. */
  readonly value: string | readonly string[];
  /** Of a list: value to label. */
  readonly options?: Readonly<Record<string, string>>;
  readonly required?: boolean;
}

/** A line between the fields, which is no field (XEP-0004 §3.3). */
export interface FixedText {
  readonly type: 'fixed';
  readonly value: string;
}

/** A form of the given type, its FORM_TYPE first (XEP-0068). */
export function formElement(
  type: 'form' | 'result',
  formType: string,
  title: string | undefined,
  fields: readonly (FormField | FixedText)[],
  instructions?: string,
): Element {
  const form = openForm(type, formType, title, instructions);
  for (const field of fields) form.cnode(fieldElement(field));
  return form;
}

/** A column of a table: the field's name, and its label. */
export type FormColumn = readonly [name: string, label: string];

/** A table of results, each row with a value for every column (XEP-0004 §3.4). */
export function tableElement(
  formType: string,
  title: string,
  columns: readonly FormColumn[],
  rows: readonly (readonly string[])[],
): Element {
  const table = openForm('result', formType, title, undefined);
  const reported = element('reported');
  for (const [name, label] of columns) reported.cnode(element('field', { var: name, type: 'text-single', label }));
  table.cnode(reported);
  for (const row of rows) {
    const item = element('item');
    for (const [index, [name]] of columns.entries())
      item.cnode(element('field', { var: name }, element('value', {}, row[index] ?? '')));
    table.cnode(item);
  }
  return table;
}

function openForm(
  type: 'form' | 'result',
  formType: string,
  title: string | undefined,
  instructions: string | undefined,
): Element {
  return element(
    'x',
    { xmlns: NS.dataForms, type },
    title === undefined ? undefined : element('title', {}, title),
    instructions === undefined ? undefined : element('instructions', {}, instructions),
    element('field', { var: 'FORM_TYPE', type: 'hidden' }, element('value', {}, formType)),
  );
}

function fieldElement(field: FormField | FixedText): Element {
  if (field.type === 'fixed') return element('field', { type: 'fixed' }, element('value', {}, field.value));
  const built = element('field', { var: field.name, type: field.type, label: field.label });
  if (field.required === true) built.cnode(element('required'));
  for (const [value, label] of Object.entries(field.options ?? {}))
    built.cnode(element('option', { label }, element('value', {}, value)));
  for (const value of typeof field.value === 'string' ? [field.value] : field.value)
    built.cnode(element('value', {}, value));
  return built;
}

/** The values of a submitted form, by field; a field that was sent without any has none. */
export type FormValues = ReadonlyMap<string, readonly string[]>;

/** A submitted form, or the wish not to submit it. */
export type Submission =
  | { readonly kind: 'cancel' }
  | {
      readonly kind: 'submit';
      readonly formType: string | undefined;
      /** Of each field that has any its first value. */
      readonly values: ReadonlyMap<string, string>;
    };

/** Reads the answer to a form; undefined where `parent` holds none. Of a field with several values the first counts. */
export function readSubmission(parent: Element): Submission | undefined {
  const form = findChild(parent, 'x', NS.dataForms);
  if (form === undefined) return undefined;
  const type = attribute(form, 'type');
  if (type === 'cancel') return { kind: 'cancel' };
  if (type !== 'submit') return undefined;
  const { formType, values } = readFields(form);
  const first = [...values].flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value] as const]));
  return { kind: 'submit', formType, values: new Map(first) };
}

/** What a form's fields hold. */
export interface FormFields {
  readonly formType: string | undefined;
  readonly values: FormValues;
  /** Names that stand twice, of which the last counts: a `var` is unique in its form (XEP-0004 §3.3). */
  readonly repeated: ReadonlySet<string>;
}

/** Reads every field of an `<x xmlns='jabber:x:data'/>`, but for those without a name. */
export function readFields(form: Element): FormFields {
  const values = new Map<string, readonly string[]>();
  const repeated = new Set<string>();
  for (const field of findChildren(form, 'field')) {
    const name = attribute(field, 'var');
    if (name === undefined) continue;
    if (values.has(name)) repeated.add(name);
    values.set(name, findChildren(field, 'value').map(textOf));
  }
  const [formType] = values.get('FORM_TYPE') ?? [];
  values.delete('FORM_TYPE');
  return { formType, values, repeated };
}

/** Reads an XML Schema boolean; undefined where it is none. */
export function readBoolean(text: string): boolean | undefined {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  return undefined;
}
