/** From the operator's file to a Config, or to everything that is wrong with it. */

import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { certificateRules } from './certificate-rules.ts';
import type { Config, LinkConfig, RoomFileConfig, S2sConfig } from './config.ts';
import { dialRules } from './dial-rules.ts';
import { type Draft, draftOf } from './draft.ts';
import type { ConfigFiles } from './files.ts';
import { type Finding, fault, place, type Remark } from './finding.ts';
import { allowedAddresses, linkRules } from './link-rules.ts';
import { paceRules } from './pace-rules.ts';
import { MAX_SOCKET_PATH_BYTES, resolvePath } from './paths.ts';
import { type Locate, locator, type Path } from './positions.ts';
import { reachRules } from './reach-rules.ts';
import { roomRules } from './room-rules.ts';
import { s2sRules } from './s2s-rules.ts';
import { type Document, fileSchema } from './schema.ts';
import { readSecret, type SecretReading } from './secret.ts';
import { tomlMessage } from './toml-hints.ts';
import { treeRules } from './tree-rules.ts';
import { unknownKeys } from './unknown.ts';

export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Finding[];
      readonly locate: Locate;
      /** Whether the file itself has that key. */
      readonly written: Draft['written'];
      /** As it was read. */
      readonly text: string;
    }
  /** The findings have at least one error; warnings stand among them. */
  | { readonly ok: false; readonly isMissing: boolean; readonly findings: readonly Finding[] };

/** Arrays and inline tables within one another; the schema needs three. */
const MAX_DEPTH = 16;

/**
 * Reads and judges a file. Every fault is found in one run, except behind a TOML syntax error. Of a `copy` of another
 * gateway's file nothing is asked that is that operator's alone: secrets, keys and certificates, whether users come.
 */
export function loadConfig(file: string, files: ConfigFiles, of: 'ours' | 'copy' = 'ours'): LoadResult {
  const content = files.read(file);
  if (!content.ok)
    return {
      ok: false,
      isMissing: content.isMissing,
      findings: [{ severity: 'error', file, message: content.reason }],
    };
  const text = content.text.replace(/^\ufeff/, '');
  const parsed = parseToml(file, text);
  if ('severity' in parsed) return { ok: false, isMissing: false, findings: [parsed] };

  const { output, issues = [] } = v.safeParse(fileSchema, parsed.raw, { abortPipeEarly: true });
  const draft = draftOf(output, issues.map(pathOf), parsed.raw);
  const { secret, remarks: ofFiles } =
    of === 'copy' ? { secret: '', remarks: [] } : withFiles(draft, file, content.mode, files);
  const remarks = [
    ...unknownKeys(fileSchema, parsed.raw),
    ...issues.map(remarkOn),
    ...socketRule(draft, file),
    ...ofFiles,
    ...s2sRules(draft),
    ...linkRules(draft),
    ...dialRules(draft),
    ...paceRules(draft),
    ...roomRules(draft),
    ...treeRules(draft),
  ];
  const isFaulty = remarks.some(({ severity }) => severity === 'error');
  const locate = locator(text);
  const findings = place(file, isFaulty || of === 'copy' ? remarks : [...remarks, ...reachRules(draft)], locate);
  if (isFaulty) return { ok: false, isMissing: false, findings };
  const config = configOf(file, output as Document, secret);
  return { ok: true, config, warnings: findings, locate, written: draft.written, text: content.text };
}

function parseToml(file: string, text: string): { readonly raw: unknown } | Finding {
  try {
    return { raw: parse(text, { maxDepth: MAX_DEPTH }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const reason = error.message.replace(/^Invalid TOML document: /, '').replace(/\n[^]*/, '');
    return { severity: 'error', file, position: { line, column }, message: tomlMessage(reason) };
  }
}

/** The secret, and what is wrong with the files that this one names. */
function withFiles(draft: Draft, file: string, mode: number, files: ConfigFiles): SecretReading {
  const { secret, remarks } = readSecret(draft, file, mode, files);
  return { secret, remarks: [...remarks, ...certificateRules(draft, file, files)] };
}

type Issue = v.BaseIssue<unknown>;

function pathOf(issue: Issue): Path {
  return (issue.path ?? []).map(({ key }) => key as string | number);
}

/** The schema's messages are predicates; what they are about is known only here. */
function remarkOn(issue: Issue): Remark {
  const path = pathOf(issue);
  const last = path.at(-1);
  const isKeyOfMapping = issue.path?.at(-1)?.origin === 'key' && issue.type !== 'object';
  const subject =
    typeof last === 'number' ? `an entry of ${path.at(-2)}` : isKeyOfMapping ? `a key of ${path.at(-2)}` : last;
  return { severity: 'error', path, part: isKeyOfMapping ? 'key' : 'value', message: `${subject} ${issue.message}` };
}

function* socketRule(draft: Draft, file: string): Generator<Remark> {
  const control = draft.values.gateway?.control;
  if (control !== undefined && Buffer.byteLength(resolvePath(file, control)) > MAX_SOCKET_PATH_BYTES)
    yield fault(['gateway', 'control'], `control is too long for a socket (${MAX_SOCKET_PATH_BYTES} bytes)`);
}

function configOf(file: string, document: Document, secret: string): Config {
  const { gateway, log, component, s2s } = document;
  return {
    file,
    gateway: {
      domain: gateway.domain,
      name: gateway.name ?? gateway.domain,
      data: resolvePath(file, gateway.data),
      control: resolvePath(file, gateway.control),
      admins: gateway.admins,
      createRooms: gateway.create_rooms,
      ...(gateway.memory !== undefined && { memory: gateway.memory }),
      ...(gateway.local_domains && { localDomains: gateway.local_domains }),
    },
    log,
    ...(component && { component: { host: component.host, port: component.port, secret } }),
    ...(s2s && { s2s: s2sOf(file, s2s) }),
    links: document.link.map(linkOf),
    rooms: document.room.map(roomOf),
  };
}

function s2sOf(file: string, { certificate, key, ca, ...s2s }: NonNullable<Document['s2s']>): S2sConfig {
  return {
    ...s2s,
    ...(certificate && { certificate: resolvePath(file, certificate) }),
    ...(key && { key: resolvePath(file, key) }),
    ...(ca && { ca: resolvePath(file, ca) }),
  };
}

function linkOf({ connect, listen, ...link }: Document['link'][number]): LinkConfig {
  return {
    ...link,
    ...(connect && { connect }),
    ...(listen && { listen }),
    from: allowedAddresses({ from: link.from, connect, tls: link.tls }),
  };
}

function roomOf({ name, federate, mode, accept, leave_after, keep }: Document['room'][number]): RoomFileConfig {
  return { name, federate: federate ?? [], mode, accept, leaveAfter: leave_after, keep };
}
