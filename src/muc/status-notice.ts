import { element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** Tells everyone here of a change of the room by its status code, in a message from the room (XEP-0045 §10.2.1). */
export function sendStatus(room: Room, turn: Turn, code: number): void {
  const x = element('x', { xmlns: NS.mucUser }, element('status', { code: String(code) }));
  turn.send(element('message', { from: room.jid, type: 'groupchat' }, x), room.sessions());
}
