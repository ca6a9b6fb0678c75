/* How much the store keeps of what. */

/**
 * How far retention may lag, as a part of its bound: taking out one message for each that comes in costs more flash than
 * the message itself, taking out many at a time next to nothing. A bound of fewer messages than this is kept to the letter.
 */
export const RETENTION_PARTS = 32;

/** Rooms that are gone and whose positions are remembered; the one forgotten first goes first. */
export const MAX_FORGOTTEN = 1000;

/** Messages after which it is noted which have been had, so that a start reads no more of them than this. */
export const COVER_AFTER = 256;

/** The newest messages of a room that are looked through for those without a number. */
export const FOREIGN_SPAN = 16_384;

/** The most neighbours of a room, and the most notes: beyond, the oldest goes. */
export const MAX_NEIGHBOURS = 256;
export const MAX_NOTES = 1024;

/** How the keys of those notes begin that stay however many others come, and don't count as one. */
export const LASTING_NOTE = 'secret ';

/** The most sessions of streams: beyond, the one stored first goes with its stanzas. A session without stanzas isn't stored. */
export const MAX_SESSIONS = 32;

/** The most stanzas of one session, as many as may wait for their acknowledgement: beyond, the oldest go. */
export const MAX_SESSION_STANZAS = 1000;

/** The most parts that the numbers of one origin are kept in; beyond, the lowest holes are taken for had, or for missing. */
export const MAX_KEPT_PARTS = 64;

/**
 * Positions that a store may have given ahead of the seconds at which it was last written, before it was lost: a day of a
 * message a second.
 */
export const LOST_POSITIONS = 86_400;
