import type { Jid } from '../lib/jid.ts';
import type { Room } from '../muc/room.ts';
import type { Turn } from '../muc/turn.ts';
import type { CommandNote } from '../stanza/command.ts';
import { type FixedText, type FormField, type FormValues, formElement } from '../stanza/data-form.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Gateway } from './gateway.ts';

/* What an ad-hoc command is made of: stages, each a form, and what comes of filling it in. */

/** A command for the gateway's admins. */
export interface Command {
  readonly node: string;
  readonly name: string;
  /** What it begins with. */
  begin(context: CommandContext): Stage | Outcome;
}

export interface CommandContext {
  readonly gateway: Gateway;
  readonly turn: Turn;
  readonly from: Jid;
}

/** A form to be filled in. It is the last one if what comes of it is an outcome. */
export interface Stage {
  readonly kind: 'stage';
  readonly form: Element;
  readonly isLast: boolean;
  submit(context: CommandContext, values: FormValues): Stage | Outcome | Fault;
}

/** The end of a command. */
export interface Outcome {
  readonly kind: 'outcome';
  readonly note?: CommandNote;
  readonly form?: Element;
}

/** What was filled in can't be: the stage stays. The text is for people. */
export interface Fault {
  readonly kind: 'fault';
  readonly text: string;
}

export function stage(
  title: string,
  fields: readonly (FormField | FixedText)[],
  submit: Stage['submit'],
  isLast = true,
): Stage {
  const form = formElement('form', NS.adminForm, title, fields);
  return { kind: 'stage', form, isLast, submit };
}

export function fault(text: string): Fault {
  return { kind: 'fault', text };
}

export function done(text: string): Outcome {
  return { kind: 'outcome', note: { type: 'info', text } };
}

/** A command that was allowed and has come to nothing. */
export function failed(text: string): Outcome {
  return { kind: 'outcome', note: { type: 'error', text } };
}

/** The first value of a field, without blanks around; empty where there is none. */
export function valueOf(values: FormValues, name: string): string {
  return values.get(name)?.[0]?.trim() ?? '';
}

/** The most rooms that are offered by name; where there are more, the room is typed. */
export const MAX_OFFERED = 100;

/** Asks for a room, then goes on with it. */
export function roomStage(
  { gateway }: CommandContext,
  title: string,
  next: (context: CommandContext, room: Room) => Stage | Outcome | Fault,
): Stage {
  const rooms = gateway.service.rooms();
  const options = Object.fromEntries(rooms.map(({ jid }) => [jid, jid]));
  const field: FormField = { name: 'room', type: 'jid-single', label: 'The room', value: [], required: true };
  const fields = [rooms.length > MAX_OFFERED ? field : ({ ...field, type: 'list-single', options } as const)];
  return stage(
    title,
    fields,
    (context, values) => {
      const named = valueOf(values, 'room');
      const jid = named.includes('@') ? named : `${named}@${gateway.service.domain}`;
      const room = context.gateway.service.get(jid);
      return room === undefined ? fault(`There is no room ${named}.`) : next(context, room);
    },
    false,
  );
}
