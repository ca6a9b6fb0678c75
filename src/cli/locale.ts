/** Whether text for this terminal may be UTF-8 by what the environment says of the locale; `otherwise`: where it says nothing. */
export function hasUtf8(environment: Readonly<Record<string, string | undefined>>, otherwise: boolean): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'];
  return locale ? /utf-?8/i.test(locale) : otherwise;
}
