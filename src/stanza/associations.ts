/** XEP-0045 §5: what a person may do in a room. Both lists go from the most to the least. */

export const AFFILIATIONS = ['owner', 'admin', 'member', 'none', 'outcast'] as const;
/** Long-lived, by bare JID (XEP-0045 §5.2). */
export type Affiliation = (typeof AFFILIATIONS)[number];

export const ROLES = ['moderator', 'participant', 'visitor', 'none'] as const;
/** For one visit, by nick (XEP-0045 §5.1). */
export type Role = (typeof ROLES)[number];

/** Whether one affiliation stands above another. */
export function outranks(one: Affiliation, other: Affiliation): boolean {
  return AFFILIATIONS.indexOf(one) < AFFILIATIONS.indexOf(other);
}
