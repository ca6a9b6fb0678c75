// @ts-check

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_PHDR = 6;
const READ_AND_EXECUTE = 5;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
/** No machine that we build for has larger pages. */
const PAGE = 0x10000;

/**
 * A segment, as a program header describes it.
 *
 * @typedef {object} Segment
 * @property {number} type
 * @property {number} flags
 * @property {number} offset in the file
 * @property {number} address
 * @property {number} fileSize
 * @property {number} memorySize
 * @property {number} align
 */

/** A little-endian ELF executable, of 32 or 64 bits. Addresses stay below 2^53. */
export class Elf {
  /** Bytes of a word. */
  word;
  #file;

  /** @param {Buffer} file */
  constructor(file) {
    if (file.readUInt32BE(0) !== 0x7f454c46 || file[5] !== 1) throw new RangeError("isn't a little-endian ELF file");
    this.word = file[4] === 1 ? 4 : 8;
    this.#file = file;
  }

  get bytes() {
    return this.#file;
  }

  get entry() {
    return this.#read(24);
  }

  /** @returns {Segment[]} */
  get segments() {
    const { start, size, count } = this.#headers();
    return Array.from({ length: count }, (_, index) => this.#segment(start + index * size));
  }

  /**
   * The address of a symbol that the dynamic linker knows; undefined where there is none.
   *
   * @param {string} name
   */
  dynamicSymbol(name) {
    const dynamic = this.segments.find(({ type }) => type === PT_DYNAMIC);
    if (dynamic === undefined) return undefined;
    /** @type {Map<number, number>} */
    const tags = new Map();
    for (let at = dynamic.offset; at < dynamic.offset + dynamic.fileSize; at += 2 * this.word)
      tags.set(this.#read(at), this.#read(at + this.word));
    const symbols = this.#offsetOf(tags.get(DT_SYMTAB) ?? 0);
    const names = this.#offsetOf(tags.get(DT_STRTAB) ?? 0);
    const wanted = Buffer.from(`${name}\0`);
    const [size, valueAt] = this.word === 4 ? [16, 4] : [24, 8];
    // The names follow the symbols in every linker's output; nothing else tells how many there are.
    for (let at = symbols; at < names; at += size) {
      const start = names + this.#file.readUInt32LE(at);
      const value = this.#read(at + valueAt);
      if (value !== 0 && this.#file.subarray(start, start + wanted.length).equals(wanted)) return value;
    }
    return undefined;
  }

  /**
   * Adds a segment of code behind all others, and starts in it. There must be room for one more header, which whatever
   * added a segment before has left.
   *
   * @param {(address: number) => Buffer} make what stands at that address
   * @param {number} start bytes into it
   */
  startInNewSegment(make, start) {
    const { segments } = this;
    const headers = this.#headers();
    const room = segments.find(({ type }) => type === PT_PHDR)?.fileSize ?? 0;
    if ((segments.length + 1) * headers.size > room) throw new RangeError('has no room for another segment');
    const offset = align(this.#file.length, 4096);
    const end = Math.max(...segments.filter(({ type }) => type === PT_LOAD).map(endOf));
    const address = align(end, PAGE) + (offset % PAGE);
    const code = make(address);
    const added = {
      type: PT_LOAD,
      flags: READ_AND_EXECUTE,
      offset,
      address,
      fileSize: code.length,
      memorySize: code.length,
      align: PAGE,
    };
    const order = segments.toSpliced(segments.findLastIndex(({ type }) => type === PT_LOAD) + 1, 0, added);
    this.#file = Buffer.concat([this.#file, Buffer.alloc(offset - this.#file.length), code]);
    for (const [index, segment] of order.entries()) this.#writeSegment(headers.start + index * headers.size, segment);
    this.#file.writeUInt16LE(order.length, headers.countAt);
    this.#write(24, address + start);
  }

  #headers() {
    const [startAt, sizeAt, countAt] = this.word === 4 ? [28, 42, 44] : [32, 54, 56];
    return {
      start: this.#read(startAt),
      size: this.#file.readUInt16LE(sizeAt),
      count: this.#file.readUInt16LE(countAt),
      countAt,
    };
  }

  /** @param {number} at */
  #segment(at) {
    const fields = this.#fields(at);
    return /** @type {Segment} */ (
      Object.fromEntries(
        Object.entries(fields).map(([name, [place, size]]) => [name, this.#file.readUIntLE(place, Math.min(size, 6))]),
      )
    );
  }

  /**
   * @param {number} at
   * @param {Segment} segment
   */
  #writeSegment(at, segment) {
    const fields = this.#fields(at);
    const size = this.word === 4 ? 32 : 56;
    this.#file.fill(0, at, at + size);
    for (const [name, [place, size]] of Object.entries(fields))
      this.#file.writeUIntLE(segment[/** @type {keyof Segment} */ (name)], place, Math.min(size, 6));
    // The physical address, which only firmware reads.
    this.#write(at + (this.word === 4 ? 12 : 24), segment.address);
  }

  /**
   * @param {number} at
   * @returns {Record<keyof Segment, [place: number, size: number]>}
   */
  #fields(at) {
    const places = this.word === 4 ? [0, 24, 4, 8, 16, 20, 28] : [0, 4, 8, 16, 32, 40, 48];
    const [type = 0, flags = 0, ...rest] = places.map((place) => at + place);
    const [offset = 0, address = 0, fileSize = 0, memorySize = 0, alignment = 0] = rest;
    return {
      type: [type, 4],
      flags: [flags, 4],
      offset: [offset, this.word],
      address: [address, this.word],
      fileSize: [fileSize, this.word],
      memorySize: [memorySize, this.word],
      align: [alignment, this.word],
    };
  }

  /** @param {number} address */
  #offsetOf(address) {
    const segment = this.segments.find(
      ({ type, address: from, fileSize }) => type === PT_LOAD && address >= from && address < from + fileSize,
    );
    if (segment === undefined) throw new RangeError(`has nothing at address ${address}`);
    return address - segment.address + segment.offset;
  }

  /** @param {number} at */
  #read(at) {
    return this.#file.readUIntLE(at, Math.min(this.word, 6));
  }

  /**
   * @param {number} at
   * @param {number} value
   */
  #write(at, value) {
    this.#file.fill(0, at, at + this.word);
    this.#file.writeUIntLE(value, at, Math.min(this.word, 6));
  }
}

/** @param {Segment} segment */
function endOf({ address, memorySize }) {
  return address + memorySize;
}

/**
 * @param {number} value
 * @param {number} to
 */
function align(value, to) {
  return Math.ceil(value / to) * to;
}
