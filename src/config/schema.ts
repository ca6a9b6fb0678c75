/** The operator's file: every key with its kind, its default and one line about it. Nothing else knows them. */

import * as v from 'valibot';
import {
  choice,
  domain,
  flag,
  host,
  hostPort,
  joiner,
  label,
  list,
  localpart,
  mapping,
  numericAddress,
  path,
  port,
  roomJids,
  secret,
  sha256,
  table,
  tables,
  userJid,
  whole,
} from './fields.ts';

/** A key with the line that the documentation has of it. */
function key<const S extends v.GenericSchema>(description: string, schema: S) {
  return v.pipe(schema, v.description(description));
}

/** XEP-0289 v0.2.1 renamed its modes. */
const NEW_MODE_NAMES = {
  'primary-primary': 'primary-primary',
  'primary-replica': 'primary-replica',
  'master-master': 'primary-primary',
  'master-slave': 'primary-replica',
} as const;

const gateway = table({
  domain: key("the MUC service's own domain", domain()),
  name: key('shown in service discovery; the domain where absent', v.optional(label())),
  data: key('directory of the store', v.optional(path(), '/var/lib/fmucd')),
  control: key('socket for the other commands', v.optional(path(), '/run/fmucd/control.sock')),
  memory: key(
    "MB of memory to stay within; where absent, the machine's or its control group's",
    v.optional(whole('MB', 32)),
  ),
  admins: key('owners of every room', v.optional(list(userJid(), 'bare JIDs'), [])),
  create_rooms: key('who may create rooms', v.optional(choice(['everyone', 'local', 'admins', 'nobody']), 'everyone')),
  local_domains: key(
    'whose users are ours; where absent, whoever the component stream brings',
    v.optional(list(domain(), 'domains')),
  ),
});

const log = table({
  level: key('the least that is logged', v.optional(choice(['error', 'warn', 'info', 'debug']), 'info')),
});

const component = table({
  host: key('the XMPP server', v.optional(host(), '127.0.0.1')),
  port: key("the server's port for components", v.optional(port(), 5347)),
  secret: key('shared with the server', v.optional(secret())),
  secret_file: key('a file whose first line is the secret', v.optional(path())),
});

const s2s = table({
  listen: key('where other servers connect', v.optional(list(hostPort(), 'HOST:PORT'), [])),
  tls: key('whether streams are encrypted', v.optional(choice(['required', 'optional', 'off']), 'required')),
  certificate: key('PEM file of the certificate with its chain; where absent, one of our own', v.optional(path())),
  key: key("PEM file of the certificate's key", v.optional(path())),
  ca: key("PEM file of the authorities that are trusted instead of the system's", v.optional(path())),
  auth: key(
    'how servers prove who they are',
    v.optional(list(choice(['external', 'dialback']), 'external and dialback'), ['external', 'dialback']),
  ),
  hosts: key(
    'addresses known without DNS, by domain',
    v.optional(mapping(domain(), hostPort(), 'a table of domains, each = HOST:PORT'), {}),
  ),
});

/** The most of something that waits or crosses. */
function bounds(messages: number, bytes: number, age: number) {
  return v.optional(
    table({
      messages: key('how many', v.optional(whole('messages'), messages)),
      bytes: key('how much', v.optional(whole('bytes'), bytes)),
      age: key('how old', v.optional(whole('seconds'), age)),
    }),
    {},
  );
}

const link = table({
  peer: key("the far gateway's domain", domain()),
  domains: key(
    'further domains reached through the peer, for whose users it may speak',
    v.optional(list(domain(), 'domains'), []),
  ),
  transport: key('XEP-0361 without a handshake, or an S2S stream', v.optional(choice(['direct', 's2s']), 'direct')),
  connect: key('where we dial the peer', v.optional(hostPort())),
  listen: key('where we wait for the peer', v.optional(hostPort())),
  from: key(
    'who may connect; where absent, the address of connect',
    v.optional(list(numericAddress(), 'numeric addresses')),
  ),
  tls: key('whether the link is encrypted', v.optional(choice(['off', 'pinned']), 'off')),
  pin: key('SHA-256 of the peer\'s certificate, with tls = "pinned"', v.optional(sha256(), '')),
  bandwidth: key("bit/s on air; 0: don't pace", v.optional(whole('bit/s'), 0)),
  compression: key("with the peers' shared dictionary; false: plain XML", v.optional(flag(), false)),
  presence: key('what of presence may cross', v.optional(choice(['full', 'availability', 'none']), 'availability')),
  coalesce: key('seconds over which presence is gathered; 0: each at once', v.optional(whole('seconds'), 0)),
  history: key('the most that a join may bring across; 0: none', bounds(50, 8192, 86_400)),
  queue: key('kept for the peer while the link is down', bounds(10_000, 4_194_304, 604_800)),
  idle: key('silence before the link is probed; 0: never', v.optional(whole('seconds'), 0)),
  grace: key("how long the peer's occupants stay listed while it is out of reach", v.optional(whole('seconds'), 300)),
  moderate: key("whether the peer's moderators act on our users", v.optional(flag(), false)),
  dialect: key(
    'what the peer speaks; auto asks it once',
    v.optional(choice(['auto', 'fmucd', 'xep', 'openfire']), 'auto'),
  ),
});

const room = table({
  name: key("the room JID's part before the @", localpart()),
  federate: key(
    'the node to join, or several: the first that accepts; where absent, others may join this one',
    v.optional(roomJids()),
  ),
  mode: key(
    'whether a room waits for the node that it joins: primary-primary, no; primary-replica, yes',
    v.pipe(
      v.optional(choice(['primary-primary', 'primary-replica', 'master-master', 'master-slave']), 'primary-primary'),
      v.transform((mode) => NEW_MODE_NAMES[mode]),
    ),
  ),
  accept: key('nodes that may join this one', v.optional(list(joiner(), 'room JIDs, domains or "*"'), [])),
  leave_after: key('how long without an occupant before we part from the set', v.optional(whole('seconds'), 60)),
  keep: key(
    'retention in the store; 0: no bound',
    v.optional(
      table({
        messages: key('how many', v.optional(whole('messages'), 1000)),
        age: key('how old', v.optional(whole('seconds'), 0)),
      }),
      {},
    ),
  ),
});

export const fileSchema = table({
  gateway: key('the gateway itself: a [gateway] table with its domain', gateway),
  log: key('the log', v.optional(log, {})),
  component: key('attachment to an XMPP server, XEP-0114', v.optional(component)),
  s2s: key('ordinary server-to-server streams, RFC 6120', v.optional(s2s)),
  link: key('constrained links, each to one peer', v.optional(tables('link', link), [])),
  room: key('rooms that stay across restarts', v.optional(tables('room', room), [])),
});

/** A file in which every value is as the schema wants it. */
export type Document = v.InferOutput<typeof fileSchema>;
