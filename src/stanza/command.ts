import { attribute, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { StanzaError } from './errors.ts';

/* Ad-hoc commands (XEP-0050). */

/** What a requester may ask for (XEP-0050 §4.1). */
const ACTIONS = ['execute', 'cancel', 'prev', 'next', 'complete'] as const;
export type CommandAction = (typeof ACTIONS)[number];

/** What a requester asks for: a command to be begun, or, with `session`, gone on with. */
export interface CommandRequest {
  readonly node: string;
  readonly session: string | undefined;
  readonly action: CommandAction;
  /** The form that was filled in, whatever its type (XEP-0050 §3.6.1). */
  readonly form: Element | undefined;
  /** The language that the command itself asks for. */
  readonly language: string | undefined;
}

/** Reads a `<command/>`; an error where it breaks XEP-0050 §4.1. */
export function readCommand(command: Element): CommandRequest | StanzaError {
  const node = attribute(command, 'node');
  const session = attribute(command, 'sessionid');
  const asked = attribute(command, 'action') ?? 'execute';
  const action = ACTIONS.find((known) => known === asked);
  if (node === undefined) return COMMAND_ERRORS.badPayload;
  if (action === undefined) return COMMAND_ERRORS.malformedAction;
  if (session === '') return COMMAND_ERRORS.badSession;
  const language = attribute(command, 'xml:lang');
  return { node, session, action, form: findChild(command, 'x', NS.dataForms), language };
}

/** What a command has come to. */
export interface CommandResult {
  readonly node: string;
  readonly session: string;
  readonly status: 'executing' | 'completed' | 'canceled';
  /** What may be done next: the first is what `execute` means. */
  readonly actions?: readonly ('next' | 'complete' | 'prev')[];
  readonly note?: CommandNote | undefined;
  readonly form?: Element | undefined;
}

/** A word for people. A command that has failed has one of type error (XEP-0050 §3.7). */
export interface CommandNote {
  readonly type: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** `<command xmlns='http://jabber.org/protocol/commands'/>`, as it answers. */
export function commandElement({ node, session, status, actions = [], note, form }: CommandResult): Element {
  const command = element('command', { xmlns: NS.commands, node, sessionid: session, status, 'xml:lang': 'en' });
  const [first] = actions;
  if (first !== undefined)
    command.cnode(element('actions', { execute: first }, ...actions.map((name) => element(name))));
  if (note !== undefined) command.cnode(element('note', { type: note.type }, note.text));
  if (form !== undefined) command.cnode(form);
  return command;
}

const badRequest = (specific: string, text: string): StanzaError => ({
  type: 'modify',
  condition: 'bad-request',
  text,
  specific: { name: specific, namespace: NS.commands },
});

/** XEP-0050 §4.4 */
export const COMMAND_ERRORS = {
  malformedAction: badRequest('malformed-action', 'An action is one of execute, cancel, prev, next and complete.'),
  badAction: badRequest('bad-action', 'That cannot be done at this stage of the command.'),
  badLocale: badRequest('bad-locale', 'The commands are in English only.'),
  badPayload: badRequest('bad-payload', 'A field of the form is missing, or has a value that it cannot have.'),
  badSession: badRequest('bad-sessionid', 'You have no such session of that command. Begin it anew.'),
  sessionExpired: {
    type: 'cancel',
    condition: 'not-allowed',
    text: 'That session of the command is over. Begin it anew.',
    specific: { name: 'session-expired', namespace: NS.commands },
  },
  forbidden: {
    type: 'cancel',
    condition: 'forbidden',
    text: 'Only an admin of this gateway may do that.',
  },
  noSuchCommand: {
    type: 'cancel',
    condition: 'item-not-found',
    text: 'There is no such command here.',
  },
} as const satisfies Record<string, StanzaError>;
