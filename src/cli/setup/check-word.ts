/** Words that nobody takes for another on a bad line: 64, no two of which begin alike. */
const WORDS =
  'acorn arrow autumn bamboo beacon bicycle blanket bottle carpet cherry chimney circus compass curtain desert diamond ' +
  'dolphin donkey elephant engine feather forest galaxy garden glacier guitar harbour helmet hospital island jungle kitchen ' +
  'lantern mammoth meadow mirror mustard oasis octopus olive orange peanut pencil pirate pumpkin pyramid rabbit river ' +
  'scissors summer teapot thunder tomato tractor trumpet tulip umbrella valley vinegar violin volcano whistle yellow zebra';

export const checkWords: readonly string[] = WORDS.toUpperCase().split(' ');

/** The word for a number, of which the lowest six bits count. */
export function checkWordOf(number: number): string {
  return checkWords[number & 63] ?? '';
}
