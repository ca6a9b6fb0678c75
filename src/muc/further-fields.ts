import type { FixedText, FormField, FormValues } from '../stanza/data-form.ts';
import type { StanzaError } from '../stanza/errors.ts';
import type { FurtherSettings, RoomSettings } from './records.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/**
 * Fields of the configuration form that a layer above adds (XEP-0045 §10.2: an implementation may have further options).
 * Their values are kept with the room's settings, for that layer to read and to follow.
 */
export interface FurtherFields {
  /** The fields as they stand, for an owner. */
  show(room: Room): readonly (FormField | FixedText)[];
  /**
   * What is to be kept from now on, if anything, or why these values can't be. `submitted` has all of the form's fields, of which some of
   * this layer's may be left out; `settings` are what the rest of the form makes of the room.
   */
  read(
    room: Room,
    submitted: FormValues,
    settings: RoomSettings,
  ): { readonly kept: FurtherSettings | undefined } | { readonly error: StanzaError };
  /** The room's settings have changed. */
  follow(room: Room, turn: Turn): void;
}
