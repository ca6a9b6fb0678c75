import type { Room } from '../muc/room.ts';
import { readBoolean } from '../stanza/data-form.ts';
import { type Command, done, failed, fault, roomStage, type Stage, stage, valueOf } from './command.ts';

/** Switches the federation of a room off, until it is switched on again. */
export const federationSwitch: Command = {
  node: 'federation',
  name: 'Switch the federation of a room on or off',
  begin: (context) =>
    roomStage(context, 'Federation of a room', ({ gateway }, room) =>
      gateway.rooms.isConfigured(room)
        ? switchStage(room, gateway.rooms.describe(room), gateway.rooms.isOn(room))
        : fault(`${room.jid} federates with nobody. Its owners say with whom, in its configuration form.`),
    ),
};

function switchStage({ jid }: Room, state: string, isOn: boolean): Stage {
  return stage(
    `Federation of ${jid}`,
    [
      { type: 'fixed', value: `It is ${state} now. Switched off, the room parts from the others and goes on alone.` },
      { name: 'federation', type: 'boolean', label: 'Federate', value: isOn ? '1' : '0', required: true },
    ],
    ({ gateway, turn }, values) => {
      const on = readBoolean(valueOf(values, 'federation'));
      if (on === undefined) return fault("federation can't be that. It takes 1 or 0.");
      const room = gateway.service.get(jid);
      if (room === undefined) return failed(`${jid} is gone.`);
      gateway.rooms.switch(room, turn, on);
      return done(`The federation of ${jid} is ${on ? 'on' : 'off'}.`);
    },
  );
}
