/**
 * Groups of letters and digits that survive being read out: no I, L, O or U (Crockford's base 32), and the last of each five
 * is a check that tells any one that is wrong, any two neighbours that are swapped, and a group in another's place.
 */

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Letters and digits of a group, its check included. */
export const GROUP_LENGTH = 5;

const BITS = 5;

/** Doubling in the field of 32 elements, by x^5 + x^2 + 1: no two of 31 doublings in a row are alike. */
function doubled(value: number): number {
  return ((value << 1) ^ ((value & 16) === 0 ? 0 : 0b100101)) & 31;
}

/** Sums a group's symbols, each weighted by its place; `place` is that of the group itself, 1 to 31. */
function weigh(values: readonly number[], place: number): number {
  return values.reduce((sum, value) => doubled(sum) ^ value, place);
}

/** The groups of these bits (each 0 or 1, 20 a group), the first of them at `place`. */
export function groupsOf(bits: readonly number[], place: number): string[] {
  const data = BITS * (GROUP_LENGTH - 1);
  return Array.from({ length: bits.length / data }, (_, at) => {
    const values = Array.from({ length: GROUP_LENGTH - 1 }, (_, symbol) =>
      bits.slice(at * data + symbol * BITS, at * data + (symbol + 1) * BITS).reduce((sum, bit) => sum * 2 + bit, 0),
    );
    return [...values, doubled(weigh(values, place + at))].map((value) => SYMBOLS[value]).join('');
  });
}

/** The 20 bits of a group; undefined where its check says that it isn't the one at that place. */
export function bitsOf(group: string, place: number): number[] | undefined {
  const values = [...group].map((symbol) => SYMBOLS.indexOf(symbol));
  if (values.length !== GROUP_LENGTH || values.includes(-1) || weigh(values, place) !== 0) return undefined;
  return values.slice(0, -1).flatMap((value) => [16, 8, 4, 2, 1].map((weight) => (value & weight ? 1 : 0)));
}

/** What somebody typed for a group, with what looks alike taken for what it must be. */
export function normalGroup(typed: string): string {
  return typed.toUpperCase().replaceAll('-', '').replaceAll('O', '0').replace(/[IL]/g, '1');
}

/** The bits of bytes, the highest first. */
export function bitsOfBytes(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [128, 64, 32, 16, 8, 4, 2, 1].map((weight) => (byte & weight ? 1 : 0)));
}

/** The bytes of bits, eight a byte. */
export function bytesOfBits(bits: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: bits.length / 8 }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0),
  );
}
