/**
 * PRECIS (RFC 8264): the preparation of a JID's localpart and resourcepart, and of a nick.
 *
 * Derived from the Unicode properties that the engine's regular expressions know, each compiled when it is first needed: that
 * takes far longer than an address of ASCII. They lack two, which stand in for: the
 * bidirectional class (ranges of the right-to-left blocks) and the joining type (any letter of a joining script).
 */

import { lazily } from './lazily.ts';

/**
 * UsernameCaseMapped (RFC 8265 §3.3): width, lower case, NFC, bidi rule, IdentifierClass.
 * Undefined where the text can't be a username; the empty text can't.
 */
export function prepareUsername(text: string): string | undefined {
  if (ASCII_USERNAME.test(text)) return text.toLowerCase();
  const prepared = stable(text, (input) => narrow(input).toLowerCase().normalize('NFC'));
  if (prepared === undefined || prepared === '') return undefined;
  return followsBidiRule(prepared) && inClass(prepared, IDENTIFIER, HAS_COMPAT) ? prepared : undefined;
}

/**
 * OpaqueString (RFC 8265 §4.2): any space becomes U+0020, NFC, FreeformClass; case and width are kept.
 * Undefined where the text has what the class forbids (controls, the unassigned, the invisible) or is empty.
 */
export function prepareOpaque(text: string): string | undefined {
  if (ASCII_OPAQUE.test(text)) return text;
  const prepared = stable(text, (input) => input.replace(/\p{Zs}/gu, ' ').normalize('NFC'));
  if (prepared === undefined || prepared === '') return undefined;
  return inClass(prepared, FREEFORM) ? prepared : undefined;
}

/** The nick as it stands in an occupant JID (XEP-0045 §3: a nick is a resourcepart), undefined where it can't. */
export function prepareNick(text: string): string | undefined {
  const prepared = prepareOpaque(text);
  return prepared !== undefined && prepared.trim() !== '' && fitsPart(prepared) ? prepared : undefined;
}

/** RFC 7622 §3.1: no part of a JID is longer, in bytes of UTF-8. */
export const MAX_PART_BYTES = 1023;

/** Whether the text has 1 to `MAX_PART_BYTES` bytes in UTF-8. */
export function fitsPart(text: string): boolean {
  if (text.length > MAX_PART_BYTES) return false;
  return text !== '' && new TextEncoder().encode(text).length <= MAX_PART_BYTES;
}

const ASCII_USERNAME = /^[\x21-\x7e]+$/;
const ASCII_OPAQUE = /^[\x20-\x7e]+$/;

/** RFC 8264 §7: the rules are applied until nothing changes; text that still does after that many rounds is refused. */
const MAX_ROUNDS = 4;

function stable(text: string, rules: (text: string) => string): string | undefined {
  let before = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const after = rules(before);
    if (after === before) return after;
    before = after;
  }
  return undefined;
}

/** RFC 8265 §3.3.1: fullwidth and halfwidth forms become what they stand for; Hangul's, not valid either way, stay. */
function narrow(text: string): string {
  return text.replace(/[\u3000\uff01-\uff9f\uffe0-\uffee]/g, (form) => form.normalize('NFKC'));
}

/** RFC 8264 §9: the valid of each class, and the exceptions of RFC 5892 §2.6. */
const IDENTIFIER = lazily(() => /^[\x21-\x7e\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u);
const FREEFORM = lazily(() => /^[\x20-\x7e\p{L}\p{M}\p{N}\p{Zs}\p{S}\p{P}]$/u);
const VALID_EXCEPTION = /^[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]$/;
const NEVER_VALID = lazily(
  () =>
    new RegExp(
      '^[' +
        '\\u0640\\u07fa\\u302e\\u302f\\u3031-\\u3035\\u303b' + // the other exceptions
        '\\u1100-\\u11ff\\ua960-\\ua97c\\ud7b0-\\ud7c6\\ud7cb-\\ud7fb' + // conjoining Hangul
        '\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}' +
        ']$',
      'u',
    ),
);
const HAS_COMPAT = (char: string): boolean => char.normalize('NFKC') !== char;

function inClass(text: string, valid: () => RegExp, refuses?: (char: string) => boolean): boolean {
  const chars = [...text];
  return chars.every((char, at) => {
    if (VALID_EXCEPTION.test(char)) return true;
    const rule = CONTEXT_RULES.find(([of]) => of.test(char))?.[1];
    if (rule !== undefined) return rule(chars, at);
    return valid().test(char) && !NEVER_VALID().test(char) && refuses?.(char) !== true;
  });
}

type ContextRule = (chars: readonly string[], at: number) => boolean;

const VIRAMA = new RegExp(
  '^[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b\\u0d3c\\u0d4d\\u0dca\\u0e3a\\u0eba\\u0f84\\u1039' +
    '\\u103a\\u1714\\u1715\\u1734\\u17d2\\u1a60\\u1b44\\u1baa\\u1bab\\u1bf2\\u1bf3\\u2d7f\\ua806\\ua82c\\ua8c4\\ua953' +
    '\\ua9c0\\uaaf6\\uabed\\u{10a3f}\\u{11046}\\u{11070}\\u{1107f}\\u{110b9}\\u{11133}\\u{11134}\\u{111c0}\\u{11235}' +
    '\\u{112ea}\\u{1134d}\\u{11442}\\u{114c2}\\u{115bf}\\u{1163f}\\u{116b6}\\u{1172b}\\u{11839}\\u{1193d}\\u{1193e}' +
    '\\u{119e0}\\u{11a34}\\u{11a47}\\u{11a99}\\u{11c3f}\\u{11d44}\\u{11d45}\\u{11d97}\\u{11f41}\\u{11f42}]$',
  'u',
);
const JOINING = lazily(
  () => /^(?=\p{L})[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Adlam}]$/u,
);

const afterVirama: ContextRule = (chars, at) => VIRAMA.test(chars[at - 1] ?? '');

/** RFC 5892 appendix A. */
const CONTEXT_RULES: readonly (readonly [RegExp, ContextRule])[] = [
  [
    /^\u200c$/,
    (chars, at) =>
      afterVirama(chars, at) || (JOINING().test(chars[at - 1] ?? '') && JOINING().test(chars[at + 1] ?? '')),
  ],
  [/^\u200d$/, afterVirama],
  [/^\u00b7$/, (chars, at) => chars[at - 1] === 'l' && chars[at + 1] === 'l'],
  [/^\u0375$/, (chars, at) => /^\p{Script=Greek}$/u.test(chars[at + 1] ?? '')],
  [/^[\u05f3\u05f4]$/, (chars, at) => /^\p{Script=Hebrew}$/u.test(chars[at - 1] ?? '')],
  [/^\u30fb$/, (chars) => chars.some((char) => /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]$/u.test(char))],
  [/^[\u0660-\u0669]$/, (chars) => !chars.some((char) => /^[\u06f0-\u06f9]$/.test(char))],
  [/^[\u06f0-\u06f9]$/, (chars) => !chars.some((char) => /^[\u0660-\u0669]$/.test(char))],
];

const RTL_BLOCKS = '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufeff\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
const ARABIC_DIGIT = '\\u0660-\\u0669\\u{10d30}-\\u{10d39}';
const EUROPEAN_DIGIT = '0-9\\u06f0-\\u06f9';
const HAS_RTL = lazily(() => new RegExp(`(?!\\p{Mn}|[${EUROPEAN_DIGIT}])[${RTL_BLOCKS}]`, 'u'));
const RTL_FORM = lazily(
  () =>
    new RegExp(
      `^(?=\\p{L}|\\p{P})[${RTL_BLOCKS}]` +
        `(?:[${RTL_BLOCKS}${EUROPEAN_DIGIT}\\p{Mn}]|[^\\p{L}\\p{Mc}\\p{Nd}])*` +
        `(?<=(?!\\p{Mn})[${RTL_BLOCKS}${EUROPEAN_DIGIT}]\\p{Mn}*)$`,
      'u',
    ),
);
const BOTH_DIGITS = new RegExp(`[${ARABIC_DIGIT}].*[${EUROPEAN_DIGIT}]|[${EUROPEAN_DIGIT}].*[${ARABIC_DIGIT}]`, 'u');

/** RFC 5893 §2, for text that has a right-to-left character: starts and ends with one, has none of the other direction. */
function followsBidiRule(text: string): boolean {
  if (!HAS_RTL().test(text)) return true;
  return RTL_FORM().test(text) && !BOTH_DIGITS.test(text);
}
