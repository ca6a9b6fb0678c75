import { MAX_SOCKET_PATH_BYTES } from '../../src/config/paths.ts';
import { MAX_FEDERATE } from '../../src/lib/node-names.ts';

/** What holds for the operator's file beyond its single keys. Names of keys stand in backquotes. */
export const fileRules: readonly string[] = [
  'The file is TOML. A relative path in it is taken from its own directory.',
  "A key, a value or a pair of values that can't be meant is a fault, never ignored: `fmucd check` names each by line and " +
    "column, with what is allowed, and the gateway doesn't take the file.",
  "A file with a secret in it may be read by its owner alone (`chmod 600`), or be root's and readable by the gateway's own " +
    'group (`chmod 640`).',
  '`fmucd reload` takes a changed file over while the gateway runs. `domain`, `data`, `control`, `memory` and all of `[s2s]` ' +
    'wait for a restart.',
];

/** What can't be meant although each value is good. */
export const pairRules: readonly string[] = [
  `\`control\` is ${MAX_SOCKET_PATH_BYTES} bytes long at most, its directory included.`,
  'A `[component]` has `secret` or `secret_file`, not both and not none.',
  '`certificate` and `key` stand together or not at all; with `tls = "off"` nobody would see them, unless a link is pinned.',
  'A link has `connect`, `listen` or both; one with `transport = "s2s"` may have `connect`, never `listen` or `from`, and ' +
    'needs an `[s2s]` table.',
  '`from` goes with `listen`. A link that listens without TLS needs `from`, or a numeric address in `connect`.',
  '`tls = "pinned"` goes with a `pin`, and a `pin` with that. Over S2S it needs `external` in `auth`.',
  'Each peer has one link. Two links may wait at one address if different addresses (`from`) or different pins tell them apart.',
  "A link's `peer` and `domains` are neither the gateway's own domain nor among `local_domains`.",
  `\`federate\` names ${MAX_FEDERATE} nodes at most, each once, none of them of this gateway, each at a domain that something reaches.`,
  'Each room has a `name` of its own, compared after preparation (RFC 7622).',
];
