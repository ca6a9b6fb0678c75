import { MAX_HISTORY_MESSAGES } from './history.ts';
import type { RoomSettings } from './records.ts';

/** What a room starts with. */
export const DEFAULT_SETTINGS: RoomSettings = {
  name: '',
  description: '',
  persistent: false,
  public: true,
  membersOnly: false,
  moderated: false,
  password: '',
  whois: 'moderators',
  occupantsChangeSubject: false,
  maxOccupants: 0,
  membersInvite: false,
  privateMessages: 'anyone',
  presenceOf: ['moderator', 'participant', 'visitor'],
  membersSeenBy: ['moderator', 'participant'],
  logged: true,
  language: '',
  maxHistory: MAX_HISTORY_MESSAGES,
};

/** What a room of the operator's file starts with: it stays, and its users see who is who, as in XEP-0289's examples. */
export const FILE_ROOM_SETTINGS: RoomSettings = { ...DEFAULT_SETTINGS, persistent: true, whois: 'anyone' };
