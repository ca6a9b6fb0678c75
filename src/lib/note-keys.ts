/* How the keys of those notes begin that not only whoever writes them has to do with; the bare JID of the room follows. */

/** Up to which number a room may have given numbers away before they are kept. */
export const RESERVED_NOTE = 'reserved ';

/** Whom a node has been told of that forgets nobody by itself; its bare JID follows the room's. */
export const TOLD_NOTE = 'told ';

/**
 * Numbers that a room gave and that a restored store knows nothing of, as ranges: others may bring those messages back.
 */
export const RETURNS_NOTE = 'returns ';
