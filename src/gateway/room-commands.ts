import { Jid } from '../lib/jid.ts';
import { setAffiliation } from '../muc/affiliation.ts';
import { configure } from '../muc/configure.ts';
import { destroy } from '../muc/destroy.ts';
import { MAX_FIELD_LENGTH } from '../muc/form-field.ts';
import type { Room } from '../muc/room.ts';
import { type FormColumn, readBoolean, tableElement } from '../stanza/data-form.ts';
import { NS } from '../xml/names.ts';
import {
  type Command,
  type CommandContext,
  done,
  failed,
  fault,
  type Outcome,
  roomStage,
  type Stage,
  stage,
  valueOf,
} from './command.ts';

/** The most rooms that are listed. */
export const MAX_LISTED = 250;

const COLUMNS: readonly FormColumn[] = [
  ['room', 'Room'],
  ['name', 'Name'],
  ['occupants', 'Occupants'],
  ['kind', 'Kind'],
  ['federation', 'Federation'],
];

/** Lists every room, hidden ones too. */
export const listRooms: Command = {
  node: 'list-rooms',
  name: 'List rooms',
  begin({ gateway }) {
    const rooms = gateway.service.rooms();
    const rows = rooms
      .toSorted((one, other) => (one.jid < other.jid ? -1 : 1))
      .slice(0, MAX_LISTED)
      .map((room) => [
        room.jid,
        room.settings.name,
        String(room.occupants.size),
        kindOf(room),
        gateway.rooms.describe(room),
      ]);
    const form = tableElement(NS.adminForm, `Rooms of ${gateway.service.domain}`, COLUMNS, rows);
    const left = rooms.length - rows.length;
    if (left === 0) return { kind: 'outcome', form };
    return { kind: 'outcome', form, note: { type: 'warn', text: `${left} more rooms are not listed.` } };
  },
};

function kindOf({ fixed, locked, persistent }: Room): string {
  if (fixed !== undefined) return 'of the file';
  if (locked) return 'not configured yet';
  return persistent ? 'persistent' : 'temporary';
}

/** Creates a room that stays, for its owners to come to. */
export const createRoom: Command = {
  node: 'create-room',
  name: 'Create a room',
  begin: () =>
    stage(
      'Create a room',
      [
        { name: 'name', type: 'text-single', label: 'Its address, before the @', value: [], required: true },
        { name: 'roomname', type: 'text-single', label: 'Name of the room', value: '' },
        { name: 'roomdesc', type: 'text-single', label: 'What the room is for', value: '' },
        { name: 'publicroom', type: 'boolean', label: 'Shown in the list of rooms', value: '1' },
        { name: 'membersonly', type: 'boolean', label: 'Only members may enter', value: '0' },
        { name: 'roomowners', type: 'jid-multi', label: 'Its owners, beside the admins of the gateway', value: [] },
      ],
      (context, values) => {
        const { gateway, turn, from } = context;
        const name = valueOf(values, 'name');
        const jid = Jid.tryParse(`${name}@${gateway.service.domain}`);
        if (name.includes('@') || jid?.local === undefined || jid.resource !== undefined)
          return fault("name can't be that. It takes a room JID's part before the @, such as elsinore.");
        const owners = (values.get('roomowners') ?? []).flatMap((value) => value.trim() || []);
        const parsed = owners.map((owner) => Jid.tryParse(owner)?.bare);
        if (parsed.includes(undefined) || owners.length > MAX_OWNERS)
          return fault(`roomowners can't be that. It takes at most ${MAX_OWNERS} JIDs.`);
        for (const flag of ['publicroom', 'membersonly'])
          if (!['', ...BOOLEANS].includes(valueOf(values, flag)))
            return fault(`${flag} can't be that. It takes 1 or 0.`);
        if (gateway.service.get(jid.bare) !== undefined) return failed(`There is a room ${jid.bare} already.`);
        const room = gateway.service.create(turn, jid.bare, from, true);
        if (room === undefined) return failed('There are as many rooms as there can be.');
        for (const owner of parsed)
          if (owner !== undefined && !gateway.service.admins.has(owner))
            setAffiliation(room, owner, 'owner', undefined);
        configure(room, turn, {
          ...room.settings,
          name: valueOf(values, 'roomname').slice(0, MAX_FIELD_LENGTH),
          description: valueOf(values, 'roomdesc').slice(0, MAX_FIELD_LENGTH),
          public: readBoolean(valueOf(values, 'publicroom')) ?? true,
          membersOnly: readBoolean(valueOf(values, 'membersonly')) ?? false,
          persistent: true,
        });
        return done(`There is a room ${jid.bare} now.`);
      },
    ),
};

/** Destroys a room, after one more look at it (XEP-0045 §10.9). */
export const destroyRoom: Command = {
  node: 'destroy-room',
  name: 'Destroy a room',
  begin: (context) =>
    roomStage(context, 'Destroy a room', (_, room) =>
      room.fixed === undefined
        ? confirmation(room)
        : fault(`${room.jid} stands in the gateway's configuration file. Take it out of there.`),
    ),
};

function confirmation(room: Room): Stage {
  const { jid } = room;
  return stage(
    `Destroy ${jid}`,
    [
      { type: 'fixed', value: `${room.occupants.size} occupants will have to leave, and what was said is lost.` },
      { name: 'reason', type: 'text-single', label: 'Why, for those who are there', value: '' },
      { name: 'alternate', type: 'jid-single', label: 'Another room for them to go to', value: [] },
      { name: 'password', type: 'text-private', label: 'The password of that room', value: '' },
    ],
    (context, values) => {
      const [reason, alternate, password] = ['reason', 'alternate', 'password'].map((name) => valueOf(values, name));
      if (alternate !== '' && Jid.tryParse(alternate) === undefined)
        return fault("alternate can't be that. It takes a room JID.");
      if ([reason, password].some((text) => (text ?? '').length > MAX_FIELD_LENGTH))
        return fault(`A text has at most ${MAX_FIELD_LENGTH} characters.`);
      return carryOut(context, jid, { alternate, password, reason });
    },
  );
}

function carryOut(
  { gateway, turn }: CommandContext,
  jid: string,
  told: Readonly<Record<'alternate' | 'password' | 'reason', string | undefined>>,
): Outcome {
  const room = gateway.service.get(jid);
  if (room === undefined) return failed(`${jid} is gone already.`);
  if (room.fixed !== undefined) return failed(`${jid} stands in the gateway's configuration file by now.`);
  destroy(room, turn, {
    alternate: told.alternate || undefined,
    password: told.password || undefined,
    reason: told.reason || undefined,
  });
  return done(`${jid} is no more.`);
}

/** The most owners that a room is created with. */
const MAX_OWNERS = 100;
const BOOLEANS: readonly string[] = ['1', '0', 'true', 'false'];
