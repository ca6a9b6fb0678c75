import { type FormField, readBoolean } from '../stanza/data-form.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { RoomSettings } from './records.ts';

/* The kinds of fields that the form has, by what they take (XEP-0004 §3.3). */

/** The longest value of a text field, in characters. */
export const MAX_FIELD_LENGTH = 1024;

/** A field of the form: the settings behind it, how they are shown, and how its values are read. */
export interface ConfigField {
  readonly name: string;
  readonly label: string;
  readonly type: FormField['type'];
  /** Of a list: value to label. */
  readonly options?: (settings: RoomSettings) => Readonly<Record<string, string>>;
  readonly show: (settings: RoomSettings) => string | readonly string[];
  /** The settings with those values; what the field takes, in words, where it can't have them. */
  readonly read: (settings: RoomSettings, values: readonly string[]) => RoomSettings | string;
}

/** The settings that have a value of such a type. */
type KeyOf<T> = { [K in keyof RoomSettings]-?: RoomSettings[K] extends T ? K : never }[keyof RoomSettings];
type ListKey = 'presenceOf' | 'membersSeenBy';
type TextKey = 'name' | 'description' | 'password' | 'language';

/** Why a field can't have what was submitted (XEP-0045 §10.1.3). */
export function refusedField(name: string, allowed: string): StanzaError {
  return { ...ROOM_ERRORS.malformedForm, text: `${name} can't be that. It takes ${allowed}.` };
}

/** A field of one value. Submitted without any it stays as it is. */
function single(
  field: Omit<ConfigField, 'read' | 'name'> & {
    readonly name: string;
    readonly allowed: string;
    readonly read: (settings: RoomSettings, value: string) => RoomSettings | undefined;
  },
): ConfigField {
  const { allowed, read, ...rest } = field;
  return {
    ...rest,
    read: (settings, [value, ...more]) => {
      if (value === undefined) return settings;
      return (more.length > 0 ? undefined : read(settings, value)) ?? allowed;
    },
  };
}

export function flag(name: string, label: string, key: KeyOf<boolean>): ConfigField {
  return single({
    name,
    label,
    type: 'boolean',
    allowed: '1 or 0',
    show: (settings) => (settings[key] ? '1' : '0'),
    read: (settings, value) => {
      const read = readBoolean(value);
      return read === undefined ? undefined : { ...settings, [key]: read };
    },
  });
}

/** Text, empty where it is submitted without a value. `pattern` is what it must be like, `allowed` in words. */
export function text(
  name: string,
  label: string,
  key: TextKey,
  type: 'text-single' | 'text-private' = 'text-single',
  pattern = /^/,
  allowed = 'text',
): ConfigField {
  return {
    name,
    label,
    type,
    show: (settings) => settings[key],
    read: (settings, [value = '', ...more]) =>
      more.length > 0 || value.length > MAX_FIELD_LENGTH || !pattern.test(value)
        ? `${allowed} of at most ${MAX_FIELD_LENGTH} characters`
        : { ...settings, [key]: value },
  };
}

/** One of some words, each with its label. */
export function choice<K extends 'whois' | 'privateMessages'>(
  name: string,
  label: string,
  key: K,
  options: Readonly<Record<RoomSettings[K], string>>,
): ConfigField {
  return single({
    name,
    label,
    type: 'list-single',
    options: () => options,
    allowed: `one of ${Object.keys(options).join(', ')}`,
    show: (settings) => settings[key],
    read: (settings, value) => (Object.hasOwn(options, value) ? { ...settings, [key]: value } : undefined),
  });
}

/** Any of some words, each with its label; kept once each, in the order of the options. */
export function choices<K extends ListKey>(
  name: string,
  label: string,
  key: K,
  options: Readonly<Record<RoomSettings[K][number], string>>,
): ConfigField {
  const words = Object.keys(options);
  return {
    name,
    label,
    type: 'list-multi',
    options: () => options,
    show: (settings) => settings[key],
    read: (settings, values) =>
      values.every((value) => words.includes(value))
        ? { ...settings, [key]: words.filter((word) => values.includes(word)) }
        : `any of ${words.join(', ')}`,
  };
}

/** A number in words of the form's own. */
export function number(
  name: string,
  label: string,
  type: 'text-single' | 'list-single',
  key: KeyOf<number>,
  allowed: string,
  written: {
    readonly options?: (settings: RoomSettings) => Readonly<Record<string, string>>;
    readonly show: (value: number) => string;
    readonly read: (text: string) => number | undefined;
  },
): ConfigField {
  return single({
    name,
    label,
    type,
    ...(written.options === undefined ? {} : { options: written.options }),
    allowed,
    show: (settings) => written.show(settings[key]),
    read: (settings, value) => {
      const read = written.read(value);
      return read === undefined ? undefined : { ...settings, [key]: read };
    },
  });
}
