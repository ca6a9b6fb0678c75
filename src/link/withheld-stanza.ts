import { domainOf } from '../lib/jid.ts';
import { gistOf, nickIn } from '../stanza/gist.ts';
import type { WithheldEffect, WithheldReason } from '../stanza/withheld.ts';
import { parseElement } from '../xml/parse.ts';
import type { Outgoing } from './outgoing.ts';

/** Tells that a stanza which was to leave by a link doesn't, or not now. */
export function withheldStanza(
  peer: string,
  { xml, room }: Outgoing,
  reason: WithheldReason,
  detail?: string,
): WithheldEffect {
  const stanza = parseElement(xml);
  return {
    kind: 'withheld',
    peer,
    room: room === domainOf(room) ? null : room,
    reason,
    about: gistOf(stanza).kind,
    who: nickIn(stanza),
    bytes: Buffer.byteLength(xml),
    detail,
    xml,
  };
}
