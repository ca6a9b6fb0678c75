import type { Config, RoomFileConfig } from '../config/config.ts';
import { type FederationOptions, MAX_JOINED_NODES } from '../fmuc/node.ts';
import { domainOf } from '../lib/jid.ts';
import { MAX_FEDERATE, notAnotherNode, type OwnNames, readBareJid, readJoiner } from '../lib/node-names.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import { refusedField } from '../muc/form-field.ts';
import type { FurtherSettings } from '../muc/records.ts';
import type { FixedText, FormField, FormValues } from '../stanza/data-form.ts';
import type { StanzaError } from '../stanza/errors.ts';
import type { Ways } from './ways.ts';

/* The fields by which a room's owners say with whom it federates: what the file says of a [[room]], by the same rules. */

/** What the file, or a form, says of a room's federation. */
export type RoomFederation = Pick<RoomFileConfig, 'federate' | 'mode' | 'accept' | 'leaveAfter'>;

const FEDERATE = 'fmuc#roomconfig_federate';
const MODE = 'fmuc#roomconfig_mode';
const ACCEPT = 'fmuc#roomconfig_accept';
const LEAVE_AFTER = 'fmuc#roomconfig_leave_after';
const FIELDS = [FEDERATE, MODE, ACCEPT, LEAVE_AFTER] as const;
/** Kept beside them: an admin of the gateway has switched the room's federation off. */
const OFF = 'fmuc#off';

/** The most nodes and domains that owners may let join. */
export const MAX_ACCEPT = MAX_JOINED_NODES;

/** A room that says nothing federates with nobody. */
const ALONE: RoomFederation = { federate: [], mode: 'primary-primary', accept: [], leaveAfter: 60 };

const MODES = {
  'primary-primary': 'Both sides go on while they are apart',
  'primary-replica': 'This room waits for the node that it joins',
} as const;

/** What a room's owners have configured. */
export function ownersFederation(kept: FurtherSettings | undefined): RoomFederation {
  const [mode] = kept?.[MODE] ?? [];
  return {
    federate: kept?.[FEDERATE] ?? ALONE.federate,
    mode: mode === 'primary-replica' ? mode : ALONE.mode,
    accept: kept?.[ACCEPT] ?? ALONE.accept,
    leaveAfter: Number(kept?.[LEAVE_AFTER]?.[0] ?? ALONE.leaveAfter),
  };
}

/** Whether there is anybody that a room could federate with. */
export function hasNodes({ federate, accept }: RoomFederation): boolean {
  return federate.length > 0 || accept.length > 0;
}

export function isOff(kept: FurtherSettings | undefined): boolean {
  return kept?.[OFF] !== undefined;
}

/** What is kept of a room whose federation is switched on or off. */
export function switched(kept: FurtherSettings | undefined, off: boolean): FurtherSettings | undefined {
  const { [OFF]: _, ...rest } = kept ?? {};
  return orNothing(off ? { ...rest, [OFF]: ['1'] } : rest);
}

/** What is kept of a room that the file names: whether it is switched off, and nothing that its owners have configured. */
export function withoutOwners(kept: FurtherSettings | undefined): FurtherSettings | undefined {
  return switched(undefined, isOff(kept));
}

/** In the terms of the node. */
export function optionsOf({ federate, mode, accept, leaveAfter }: RoomFederation): FederationOptions {
  return { federate, mode, accept, leaveAfter: leaveAfter * 1000 };
}

/** The fields as they stand; `file` says so where the operator's file fixes them. */
export function federationFields(federation: RoomFederation, file: boolean, off: boolean): (FormField | FixedText)[] {
  const values = valuesOf(federation);
  const notes = [
    ...(file ? ["With whom this room federates is fixed in the gateway's configuration file."] : []),
    ...(off ? ['An admin of the gateway has switched the federation of this room off.'] : []),
  ];
  return [
    ...notes.map((value): FixedText => ({ type: 'fixed', value })),
    {
      name: FEDERATE,
      type: 'text-multi',
      label: 'The node to join (room@service), and others to join in its stead, the preferred one first',
      value: values[FEDERATE],
    },
    { name: MODE, type: 'list-single', label: 'While the nodes are apart', value: values[MODE], options: MODES },
    {
      name: ACCEPT,
      type: 'text-multi',
      label: 'Nodes that may join this room: rooms, domains, or * for every node',
      value: values[ACCEPT],
    },
    {
      name: LEAVE_AFTER,
      type: 'text-single',
      label: 'Seconds without an occupant of ours before we part from the node that we join',
      value: values[LEAVE_AFTER],
    },
  ];
}

/** What an owner's form makes of a room's federation; why it can't be, naming the field. */
export function readFederation(
  before: RoomFederation,
  submitted: FormValues,
  names: OwnNames,
  ways: Ways,
): RoomFederation | StanzaError {
  const federate = lines(submitted.get(FEDERATE)) ?? before.federate;
  const accept = lines(submitted.get(ACCEPT)) ?? before.accept;
  const [mode = before.mode, ...modes] = submitted.get(MODE) ?? [];
  const [seconds = String(before.leaveAfter), ...times] = submitted.get(LEAVE_AFTER) ?? [];
  if ((mode !== 'primary-primary' && mode !== 'primary-replica') || modes.length > 0)
    return refusedField(MODE, `one of ${Object.keys(MODES).join(', ')}`);
  if (!/^\d{1,9}$/.test(seconds) || times.length > 0) return refusedField(LEAVE_AFTER, 'a whole number of seconds');
  const federated = readNodes(federate, MAX_FEDERATE, FEDERATE, readBareJid, 'room JIDs of other nodes', names);
  if ('condition' in federated) return federated;
  const accepted = readNodes(accept, MAX_ACCEPT, ACCEPT, readJoiner, 'room JIDs, domains, or *', names);
  if ('condition' in accepted) return accepted;
  const openfire = federated.find((node) => ways.to(domainOf(node)).dialect === 'openfire');
  if (mode === 'primary-replica' && openfire !== undefined)
    return because(MODE, `${openfire} can't be the primary: Openfire never echoes messages.`);
  return { federate: federated, mode, accept: accepted, leaveAfter: Number(seconds) };
}

/** Whether a form has one of these fields with another value than a room of the file has. */
export function differsFromFile(file: RoomFederation, submitted: FormValues): boolean {
  const values = valuesOf(file);
  return FIELDS.some((name) => {
    const given = lines(submitted.get(name));
    return given !== undefined && given.join('\n') !== values[name].join('\n');
  });
}

/** What is kept of a form's federation, beside whether it is switched off. */
export function keptOf(federation: RoomFederation, off: boolean): FurtherSettings | undefined {
  return switched(same(federation, ALONE) ? undefined : valuesOf(federation), off);
}

/** Whether two say the same. */
function same(one: RoomFederation, other: RoomFederation): boolean {
  return JSON.stringify(valuesOf(one)) === JSON.stringify(valuesOf(other));
}

/** A refusal that says why, naming the field. */
export function because(field: string, reason: string): StanzaError {
  return { ...ROOM_ERRORS.malformedForm, text: `${field}: ${reason}` };
}

/** What can't be a node that this room federates with. */
export function namesOf(room: string, { gateway }: Config, ways: Ways): OwnNames {
  return {
    room,
    domain: gateway.domain,
    localDomains: gateway.localDomains ?? [],
    isReached: (domain) => ways.way(domain) !== undefined,
  };
}

function valuesOf({
  federate,
  mode,
  accept,
  leaveAfter,
}: RoomFederation): Record<(typeof FIELDS)[number], readonly string[]> {
  return { [FEDERATE]: federate, [MODE]: [mode], [ACCEPT]: accept, [LEAVE_AFTER]: [String(leaveAfter)] };
}

function readNodes(
  written: readonly string[],
  most: number,
  field: string,
  read: (text: string) => string | undefined,
  allowed: string,
  names: OwnNames,
): readonly string[] | StanzaError {
  if (written.length > most) return refusedField(field, `${most} nodes or fewer`);
  const nodes: string[] = [];
  for (const text of written) {
    const node = read(text);
    if (node === undefined) return refusedField(field, allowed);
    const problem = node === '*' ? undefined : notAnotherNode(node, names, allowed);
    if (problem !== undefined) return because(field, `${problem}.`);
    if (!nodes.includes(node)) nodes.push(node);
  }
  return nodes;
}

/** What a field of several lines holds, however a client has cut it into values. */
function lines(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.flatMap((value) => value.split('\n')).flatMap((line) => line.trim() || []);
}

function orNothing(kept: FurtherSettings): FurtherSettings | undefined {
  return Object.keys(kept).length === 0 ? undefined : kept;
}
