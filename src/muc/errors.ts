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
  /** §16.1 */
  nickInvisible: {
    type: 'modify',
    condition: 'jid-malformed',
    text: 'A nickname needs something that can be seen. Choose another one.',
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
  /** §7.5 */
  mayNotWritePrivately: {
    type: 'auth',
    condition: 'forbidden',
    text: 'You may not send private messages in this room. Ask one of its moderators.',
  },
  /** §7.8.2 */
  mayNotInvite: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Only an admin may invite others into this members-only room. Ask one.',
  },
  malformedInvite: {
    type: 'modify',
    condition: 'bad-request',
    text: 'An invitation needs the JID of whom it is to.',
  },
  noSuchInvitee: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'There is nobody with that JID who could be invited. Check it.',
  },
  notDelivered: {
    type: 'wait',
    condition: 'recipient-unavailable',
    text: 'That could not be delivered to whom it is for. Try again later.',
  },
  inviteeBanned: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'That person has been banned from this room. Have the ban lifted first.',
  },
  /** §7.10 */
  mayNotRegister: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'You may not register with this room. Ask one of its admins.',
  },
  malformedRegistration: {
    type: 'modify',
    condition: 'bad-request',
    text: 'A registration needs the form of this room, filled in, or the wish to be removed and nothing beside.',
  },
  nickMissing: {
    type: 'modify',
    condition: 'not-acceptable',
    text: 'The nickname that is to be yours is missing. Fill it in.',
  },
  malformedNick: {
    type: 'modify',
    condition: 'jid-malformed',
    text: 'That nickname has characters that it cannot have. Choose another one.',
  },
  nickReserved: {
    type: 'cancel',
    condition: 'conflict',
    text: 'That nickname is reserved for somebody else, or in use. Choose another one.',
  },
  /** XEP-0077 §3.2 */
  notRegistered: {
    type: 'auth',
    condition: 'registration-required',
    text: 'You are not registered with this room.',
  },
  /** §7.10, §9.9 */
  nobodyToApprove: {
    type: 'wait',
    condition: 'service-unavailable',
    text: 'No admin is in the room who could let you register. Try again later.',
  },
  noSuchRegistration: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'Nobody seeks to register so any more.',
  },
  /** §7.13 */
  malformedVoiceRequest: {
    type: 'modify',
    condition: 'bad-request',
    text: 'A request for voice asks for the role of a participant, and an answer says whether it is given.',
  },
  hasVoice: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'You have voice in this room already.',
  },
  nobodyToGiveVoice: {
    type: 'wait',
    condition: 'recipient-unavailable',
    text: 'No moderator is in the room who could give you voice. Try again later.',
  },
  askedAlready: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'You have asked already. Wait for the answer, or ask again later.',
  },
  occupantOutOfReach: {
    type: 'wait',
    condition: 'remote-server-timeout',
    text: 'The link to that occupant is down at the moment. Try again later.',
  },
  /** §6.6 */
  mayNotDiscoverOccupants: {
    type: 'modify',
    condition: 'bad-request',
    text: 'Only those who are in the room may ask that of somebody in it. Join it first.',
  },
  /** XEP-0410 §3.2 */
  notJoined: {
    type: 'cancel',
    condition: 'not-acceptable',
    text: 'You are not in this room with this client. Join it first.',
  },
  /** §16.4 */
  requestOfServices: {
    type: 'cancel',
    condition: 'feature-not-implemented',
    text: 'That is a request to a room. Send it there.',
  },
  /** §16.4 */
  requestNotCarried: {
    type: 'cancel',
    condition: 'service-unavailable',
    text: 'Requests cannot cross to the gateway of that occupant. Ask them directly.',
  },
  /** §16.4 */
  mayNotAskPrivately: {
    type: 'auth',
    condition: 'forbidden',
    text: 'This room does not let you turn to single occupants. Ask one of its moderators.',
  },
  /** §16.4 */
  tooManyRequests: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'Too many requests to occupants wait for their answers. Try again later.',
  },
  /** §16.4 */
  notAnswered: {
    type: 'wait',
    condition: 'remote-server-timeout',
    text: 'That occupant has not answered in time. Try again later.',
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
    text: 'Your affiliation does not let you send that person out.',
  },
  /** §5.1.3 */
  moderatorStays: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'That person is a moderator too. Only an admin of this room may send them out.',
  },
  /** §8.4 */
  keepsVoice: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'Voice is taken from people of a lower affiliation than your own only. Ask an admin of this room.',
  },
  /** §8.4, §9.7 */
  alwaysModerator: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'Admins and owners of this room are always moderators. Change their affiliation first.',
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
  /** XEP-0486 §3.2 */
  onlyOwnersSetVcard: {
    type: 'auth',
    condition: 'forbidden',
    text: 'Only an owner of this room may give it an avatar.',
  },
  /** XEP-0054 §3.3 */
  noVcard: {
    type: 'cancel',
    condition: 'service-unavailable',
    text: 'This room has neither a vCard nor an avatar.',
  },
  vcardTooLarge: {
    type: 'modify',
    condition: 'policy-violation',
    text: 'That is more than a room may have as its vCard. Take a smaller picture.',
  },
  /** XEP-0153 §4.5 */
  malformedPhoto: {
    type: 'modify',
    condition: 'bad-request',
    text: 'A photo in that vCard is not in base64, or there are too many of them.',
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
    text: 'A request changes either the role or the affiliation of somebody, never both.',
  },
  contradictoryItems: {
    type: 'modify',
    condition: 'bad-request',
    text: 'Two items want different things for the same person. Send one of them.',
  },
  /** XEP-0313 §8.1 */
  mayNotReadArchive: {
    type: 'auth',
    condition: 'forbidden',
    text: 'The archive of this room is for those who may enter it. Ask one of its admins.',
  },
  /** XEP-0313 §4.1.1 */
  mayNotKnowAuthors: {
    type: 'auth',
    condition: 'forbidden',
    text: 'This room does not tell you who is who. Ask for the messages of a nickname instead.',
  },
  malformedFilterAddress: {
    type: 'modify',
    condition: 'jid-malformed',
    text: 'The JID whose messages are asked for is none. Correct it and try again.',
  },
  notArchived: {
    type: 'cancel',
    condition: 'service-unavailable',
    text: 'This room keeps no archive at the moment. Ask one of its owners.',
  },
  malformedQuery: {
    type: 'modify',
    condition: 'bad-request',
    text: 'The query is not one for an archive. Correct its form and try again.',
  },
  /** XEP-0313 §4.1.6 */
  unknownFilter: {
    type: 'cancel',
    condition: 'feature-not-implemented',
    text: 'A field of the query is not known here. Ask for the form first, and leave out what it does not have.',
  },
  /** XEP-0059 §2.6 */
  noPageByIndex: {
    type: 'cancel',
    condition: 'feature-not-implemented',
    text: 'Pages are not found by their number here. Ask for what comes before or after a message.',
  },
  /** XEP-0313 §4.1.3, §4.3.2; XEP-0425 §3 */
  noSuchMessage: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'There is no such message in this room, or not any more.',
  },
  /** XEP-0441 §2.1 */
  noPreferences: {
    type: 'cancel',
    condition: 'feature-not-implemented',
    text: 'What a room archives is for its owners to configure, and the same for everybody.',
  },
  archiveBusy: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'The archive cannot be read at the moment. Try again later.',
  },
  /** XEP-0425 §3.2 */
  mayNotModerate: {
    type: 'modify',
    condition: 'forbidden',
    text: "Only a moderator of this room may retract somebody else's message.",
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
