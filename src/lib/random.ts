/** The core's only randomness: a generator that is seeded once, so that a run can be repeated. Not for secrets. */

const TOKEN_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** sfc32 by Chris Doty-Humphrey: 128 bits of state, period at least 2^32. */
export class Random {
  readonly #state = new Int32Array(4);

  /** Every byte of the seed counts; a number is taken as its eight bytes as a double. */
  constructor(seed: Uint8Array | number) {
    const bytes = typeof seed === 'number' ? new Uint8Array(new Float64Array([seed]).buffer) : seed;
    this.#state.set([0x9e3779b9, 0x243f6a88, 0xb7e15162, bytes.length]);
    for (const byte of bytes) {
      this.#state[0] = (this.#state[0] ?? 0) ^ byte;
      this.#step();
    }
    for (let round = 0; round < 16; round += 1) this.#step();
  }

  /** Uniform in [0, 1). */
  next(): number {
    return (this.#step() >>> 0) / 2 ** 32;
  }

  /** Lower-case letters and digits, five bits of randomness each. */
  token(length: number): string {
    let token = '';
    while (token.length < length) token += TOKEN_ALPHABET.charAt(this.#step() >>> 27);
    return token;
  }

  #step(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const result = (a + b + counter) | 0;
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + result, counter + 1]);
    return result;
  }
}
