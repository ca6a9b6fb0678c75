/** In which order what waits for a link leaves, the most urgent first. */
export const URGENCIES = ['control', 'message', 'moderation', 'subject', 'presence', 'history'] as const;

export type Urgency = (typeof URGENCIES)[number];

/** How a stanza crosses a link, where what it says doesn't tell. */
export interface Sending {
  readonly urgency?: Urgency;
  /** Nothing that follows to the same node overtakes it. */
  readonly inOrder?: boolean;
  /** Position in the archive of the message that it carries to a node that confirms nothing. */
  readonly position?: number;
}
