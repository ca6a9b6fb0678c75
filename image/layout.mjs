// @ts-check

const MB = 1024 * 1024;
const SECTOR = 512;

/**
 * A part of the medium, in bytes.
 *
 * @typedef {{ readonly start: number, readonly size: number }} Part
 */

/**
 * Where everything is on the medium. In front of the first partition a board finds its own boot loader, at its own offset.
 * The data partition lies behind the image, where no flashing reaches it; `dataInside` is its place on a medium that ends
 * with the image, as the image's file in an emulator does.
 *
 * @type {Readonly<Record<'boot' | 'slotA' | 'slotB' | 'dataInside', Part>>}
 */
export const layout = {
  boot: { start: 16 * MB, size: 16 * MB },
  slotA: { start: 32 * MB, size: 320 * MB },
  slotB: { start: 352 * MB, size: 320 * MB },
  dataInside: { start: 672 * MB, size: 64 * MB },
};

/** Bytes of the image. */
export const imageSize = layout.dataInside.start + layout.dataInside.size;

/** By what the initial RAM disk knows the medium: the identifier of its partition table. */
export const tableId = 0x666d7563;

/**
 * Sectors at the start of the boot partition that FAT leaves alone. One holds the state of the slots, and from another on
 * there is the copy of what the operator has set up: a sector that says how long it is, and the copy.
 */
export const RESERVED_SECTORS = 256;
const STATE_SECTOR = 8;
const SPARE_SECTOR = 16;

/** What the boot loader's script, the initial RAM disk and the scripts of the system have to know of it. */
export const placeholders = {
  SIGNATURE: Buffer.from(Uint32Array.of(tableId).buffer).toString('hex'),
  IMAGE_END: String(imageSize / SECTOR),
  DATA_INSIDE: String(layout.dataInside.start / SECTOR),
  DATA_LEAST: String((32 * MB) / SECTOR),
  STATE_SECTOR: String(STATE_SECTOR),
  SPARE_SECTOR: String(SPARE_SECTOR),
  SPARE_SECTORS: String(RESERVED_SECTORS - SPARE_SECTOR - 1),
};

/** The partition table, as sfdisk reads it. */
export const partitionTable = `label: dos
label-id: 0x${tableId.toString(16)}
unit: sectors
${row(layout.boot)}, type=c, bootable
${row(layout.slotA)}, type=83
${row(layout.slotB)}, type=83
${row(layout.dataInside)}, type=83
`;

/** @param {Part} part */
function row({ start, size }) {
  return `start=${start / SECTOR}, size=${size / SECTOR}`;
}
