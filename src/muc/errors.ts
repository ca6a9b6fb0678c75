import type { StanzaError } from '../stanza/errors.ts';

/** Everything that a room refuses, by the clause of XEP-0045 that names the error. */
export const ROOM_ERRORS = {
  /** §7.2.1 */
  nickRequired: {
    type: 'modify',
    condition: 'jid-malformed',
    text: 'A nickname is missing. Join as room@service/nickname.',
  },
  /** §7.2.5 */
  passwordRequired: {
    type: 'auth',
    condition: 'not-authorized',
    text: 'This room needs a password. Join again with the right one.',
  },
  /** §7.2.6 */
  membersOnly: {
    type: 'auth',
    condition: 'registration-required',
    text: 'Only members may enter this room. Ask one of its admins to add you.',
  },
  /** §7.2.7 */
  banned: {
    type: 'auth',
    condition: 'forbidden',
    text: 'You have been banned from this room. Ask one of its admins.',
  },
  /** §7.2.8 */
  nickTaken: {
    type: 'cancel',
    condition: 'conflict',
    text: 'Somebody else has this nickname here. Choose another one.',
  },
  /** §7.2.9 */
  roomFull: {
    type: 'wait',
    condition: 'service-unavailable',
    text: 'This room is full. Try again later.',
  },
  tooManyClients: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'You are in this room with as many clients as you can be. Leave it with one of them first.',
  },
  /** §7.2.10 */
  roomLocked: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'This room has been created but not yet configured. Try again later.',
  },
  /** §10.1.1 */
  mayNotCreate: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'There is no such room, and you may not create rooms here.',
  },
  noSuchRoom: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'There is no such room here.',
  },
  /** XEP-0030 §3.2 */
  noSuchNode: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'There is no such node here.',
  },
  /** XEP-0289 §8 */
  notANode: {
    type: 'auth',
    condition: 'forbidden',
    text: 'You are not a node that this room federates with.',
  },
  notLocal: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Users of your domain reach this service through another way. Ask its operator.',
  },
  /** §7.4 */
  notOccupant: {
    type: 'modify',
    condition: 'not-acceptable',
    text: 'You are not in this room. Join it first.',
  },
  /** §7.4 */
  noVoice: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Visitors may not speak in this moderated room. Ask a moderator for voice.',
  },
  /** §7.5 */
  groupchatToOccupant: {
    type: 'modify',
    condition: 'bad-request',
    text: 'A message to one occupant must not be of type groupchat.',
  },
  /** §17.2 */
  chatToRoom: {
    type: 'modify',
    condition: 'bad-request',
    text: 'A message to the room must be of type groupchat.',
  },
  /** §7.5 */
  noSuchOccupant: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'Nobody with that nickname is in the room.',
  },
  occupantOutOfReach: {
    type: 'wait',
    condition: 'remote-server-timeout',
    text: 'The link to that occupant is down at the moment. Try again later.',
  },
  /** §8.1 */
  mayNotSetSubject: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Only moderators may change the subject of this room.',
  },
  /** §8.2 */
  targetOutranks: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'That person has a higher affiliation than you.',
  },
  /** §8 */
  notModerator: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Only a moderator of this room may do that.',
  },
  /** §9 */
  notAdmin: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Only an admin of this room may do that.',
  },
  /** §10 */
  notOwner: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Only an owner of this room may do that.',
  },
  /** §9.1 */
  banSelf: {
    type: 'cancel',
    condition: 'conflict',
    text: 'You cannot ban yourself.',
  },
  /** §10.4 */
  lastOwner: {
    type: 'cancel',
    condition: 'conflict',
    text: 'A room needs an owner, and this is its last one. Make somebody else an owner first.',
  },
  /** Admins of the file are owners of every room. */
  fixedByFile: {
    type: 'cancel',
    condition: 'not-allowed',
    text: "That is fixed in the gateway's configuration file. Ask its operator.",
  },
  remoteOccupant: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'That occupant is on another gateway. Ask an admin of the room there.',
  },
  privateNotCarried: {
    type: 'cancel',
    condition: 'feature-not-implemented',
    text: 'Private messages cannot cross to the gateway of that occupant. Write to them directly.',
  },
  primaryOutOfReach: {
    type: 'wait',
    condition: 'remote-server-timeout',
    text: 'The gateway that puts the messages of this room in order is out of reach. Try again later.',
  },
  tooManyHeld: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'Too many messages wait for the gateway that puts them in order. Try again later.',
  },
  /** §17.4 */
  bothRoleAndAffiliation: {
    type: 'modify',
    condition: 'bad-request',
    text: 'An item changes either a role or an affiliation, never both.',
  },
  malformedItem: {
    type: 'modify',
    condition: 'bad-request',
    text: 'An item needs a nick and a role, or a JID and an affiliation.',
  },
  tooManyItems: {
    type: 'modify',
    condition: 'not-acceptable',
    text: 'That is more than this room can hold. Send less at once.',
  },
  malformedForm: {
    type: 'modify',
    condition: 'not-acceptable',
    text: 'A field of the form has a value that it cannot have.',
  },
  /** §10.1.3 */
  blankPassword: {
    type: 'modify',
    condition: 'not-acceptable',
    text: 'A room that needs a password needs one that is not blank: muc#roomconfig_roomsecret.',
  },
  /** §10.1, §10.2, §10.9 */
  malformedOwnerRequest: {
    type: 'modify',
    condition: 'bad-request',
    text: 'An owner submits the configuration form, cancels it, or destroys the room.',
  },
  /** XEP-0068 */
  otherForm: {
    type: 'modify',
    condition: 'bad-request',
    text: 'That is not the configuration form of a room.',
  },
  /** §10.9 */
  malformedAlternate: {
    type: 'modify',
    condition: 'jid-malformed',
    text: 'The address of the other room is not a valid JID. Correct it, or leave it out.',
  },
  tooLong: {
    type: 'modify',
    condition: 'not-acceptable',
    text: 'That is longer than this room allows. Shorten it.',
  },
} as const satisfies Record<string, StanzaError>;
