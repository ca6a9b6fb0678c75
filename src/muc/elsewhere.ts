import type { StanzaError } from '../stanza/errors.ts';
import type { RoomMessage } from './message.ts';
import type { Occupant } from './occupant.ts';
import type { Turn } from './turn.ts';

/** What a room asks of whoever carries what happens in it further. */
export interface Elsewhere {
  /**
   * A message or subject of an occupant here is to be put in order elsewhere, and comes back from there. `here`: it isn't.
   * `taken`: it is on its way. Else why it can't be taken now.
   */
  order(turn: Turn, message: RoomMessage): 'here' | 'taken' | StanzaError;
  /** Why an occupant elsewhere can't be moderated from here, undefined where they can. */
  refusalToModerate(occupant: Occupant): StanzaError | undefined;
}
