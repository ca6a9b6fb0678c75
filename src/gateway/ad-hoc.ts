import type { Jid } from '../lib/jid.ts';
import type { Journal } from '../lib/journal.ts';
import type { Turn } from '../muc/turn.ts';
import {
  COMMAND_ERRORS,
  type CommandAction,
  type CommandRequest,
  commandElement,
  readCommand,
} from '../stanza/command.ts';
import { type FormValues, readFields } from '../stanza/data-form.ts';
import { discoInfoElement } from '../stanza/disco.ts';
import type { Answer, Request } from '../stanza/iq.ts';
import { attribute, type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Command, CommandContext, Fault, Outcome, Stage } from './command.ts';
import { type CommandSession, CommandSessions } from './command-sessions.ts';
import { federationSwitch } from './federation-commands.ts';
import type { Gateway } from './gateway.ts';
import { linkStatus } from './link-commands.ts';
import { createRoom, destroyRoom, listRooms } from './room-commands.ts';

/** Every command, in the order in which they are listed. */
export const COMMANDS: readonly Command[] = [listRooms, createRoom, destroyRoom, federationSwitch, linkStatus];

/** The most fields of a submitted form. */
const MAX_FIELDS = 64;

/** The commands that the gateway's admins give to the service (XEP-0050). */
export class AdHoc {
  readonly #gateway: Gateway;
  readonly #sessions: CommandSessions;

  constructor(gateway: Gateway, journal: Journal) {
    this.#gateway = gateway;
    this.#sessions = new CommandSessions(journal);
  }

  /** Answers what concerns commands of what is asked of the service; undefined where it doesn't. */
  answer(turn: Turn, from: Jid, { type, payload }: Request): Answer | undefined {
    const namespace = attribute(payload, 'xmlns');
    if (namespace === NS.commands && payload.name === 'command' && type === 'set')
      return this.#execute(turn, from, payload);
    const node = attribute(payload, 'node');
    if (type !== 'get' || payload.name !== 'query' || node === undefined) return undefined;
    if (namespace === NS.discoItems && node === NS.commands) return { result: this.#list(from) };
    return namespace === NS.discoInfo ? this.#describe(from, node) : undefined;
  }

  #isAdmin(from: Jid): boolean {
    return this.#gateway.service.admins.has(from.bare);
  }

  /** The commands that somebody may give (XEP-0050 §2.2). */
  #list(from: Jid): Element {
    const query = element('query', { xmlns: NS.discoItems, node: NS.commands });
    const jid = this.#gateway.service.domain;
    if (this.#isAdmin(from)) for (const { node, name } of COMMANDS) query.cnode(element('item', { jid, node, name }));
    return query;
  }

  /** What the list of commands is, or one of them (XEP-0050 §2.2). */
  #describe(from: Jid, node: string): Answer | undefined {
    if (node === NS.commands) return { result: infoOf(node, 'Commands', 'command-list', [NS.commands]) };
    const command = COMMANDS.find((one) => one.node === node);
    if (command === undefined) return undefined;
    if (!this.#isAdmin(from)) return { error: COMMAND_ERRORS.forbidden };
    return { result: infoOf(node, command.name, 'command-node', [NS.commands, NS.dataForms]) };
  }

  #execute(turn: Turn, from: Jid, payload: Element): Answer {
    const request = readCommand(payload);
    if ('condition' in request) return { error: request };
    const command = COMMANDS.find(({ node }) => node === request.node);
    if (command === undefined) return { error: COMMAND_ERRORS.noSuchCommand };
    if (!this.#isAdmin(from)) return { error: COMMAND_ERRORS.forbidden };
    // Servers stamp stanzas with the language of their stream; only what the command says itself is a wish.
    if (request.language !== undefined && !/^en(-|$)/i.test(request.language))
      return { error: COMMAND_ERRORS.badLocale };
    const context: CommandContext = { gateway: this.#gateway, turn, from };
    if (request.session === undefined) {
      if (request.action !== 'execute') return { error: COMMAND_ERRORS.badAction };
      return this.#goOn(context, command.node, this.#sessions.newId(turn.now), [], command.begin(context));
    }
    const session = this.#sessions.find(request.session, request.node, from.toString(), turn.now);
    if (session === 'expired') return { error: COMMAND_ERRORS.sessionExpired };
    return session === undefined ? { error: COMMAND_ERRORS.badSession } : this.#proceed(context, session, request);
  }

  /** The next step of a session (XEP-0050 §3.4). */
  #proceed(context: CommandContext, { id, node, stages }: CommandSession, { action, form }: CommandRequest): Answer {
    const latest = stages[stages.length - 1] ?? stages[0];
    if (action === 'cancel') {
      this.#sessions.end(id);
      return { result: commandElement({ node, session: id, status: 'canceled' }) };
    }
    if (action === 'prev') {
      const [before, ...more] = stages.slice(0, -2);
      const back = stages[stages.length - 2];
      if (back === undefined) return { error: COMMAND_ERRORS.badAction };
      return this.#goOn(context, node, id, before === undefined ? [] : [before, ...more], back);
    }
    if (!isAllowed(action, latest)) return { error: COMMAND_ERRORS.badAction };
    const values = readForm(form);
    const next = values === undefined ? undefined : latest.submit(context, values);
    if (next === undefined) return { error: COMMAND_ERRORS.badPayload };
    return this.#goOn(context, node, id, stages, next);
  }

  #goOn(
    context: CommandContext,
    node: string,
    id: string,
    before: readonly Stage[],
    next: Stage | Outcome | Fault,
  ): Answer {
    if (next.kind === 'fault') return { error: { ...COMMAND_ERRORS.badPayload, text: next.text } };
    if (next.kind === 'outcome') {
      this.#sessions.end(id);
      const { note, form } = next;
      return { result: commandElement({ node, session: id, status: 'completed', note, form }) };
    }
    const [first, ...rest] = [...before, next];
    if (first !== undefined)
      this.#sessions.put({
        id,
        node,
        requester: context.from.toString(),
        stages: [first, ...rest],
        at: context.turn.now,
      });
    const forward = next.isLast ? 'complete' : 'next';
    const actions = before.length === 0 ? ([forward] as const) : ([forward, 'prev'] as const);
    return { result: commandElement({ node, session: id, status: 'executing', actions, form: next.form }) };
  }
}

/** `execute` is what the stage gives as its first action. */
function isAllowed(action: CommandAction, { isLast }: Stage): boolean {
  return action === 'execute' || action === (isLast ? 'complete' : 'next');
}

/** What was filled in; undefined where it can't be read. Without a form nothing was. */
function readForm(form: Element | undefined): FormValues | undefined {
  if (form === undefined) return new Map();
  const { formType, values, repeated } = readFields(form);
  const isOther = formType !== undefined && formType !== NS.adminForm;
  return isOther || repeated.size > 0 || values.size > MAX_FIELDS ? undefined : values;
}

function infoOf(node: string, name: string, type: string, features: readonly string[]): Element {
  const query = discoInfoElement({ category: 'automation', type, name, features });
  query.attrs['node'] = node;
  return query;
}
