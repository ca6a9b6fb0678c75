import { type FormColumn, tableElement } from '../stanza/data-form.ts';
import { NS } from '../xml/names.ts';
import type { Command } from './command.ts';
import { linkReports } from './status.ts';

const COLUMNS: readonly FormColumn[] = [
  ['peer', 'Peer'],
  ['transport', 'Transport'],
  ['state', 'State'],
  ['since', 'Since'],
  ['queued', 'Queued'],
  ['error', 'Last error'],
];

/** How each link stands, as `fmucd links` says it. */
export const linkStatus: Command = {
  node: 'link-status',
  name: 'Status of the links',
  begin({ gateway, turn }) {
    const rows = linkReports(gateway, gateway.config, turn.now).map(
      ({ peer, transport, state, since, queued, error }) => [
        peer,
        transport,
        state,
        since,
        String(queued),
        error ?? '',
      ],
    );
    const form = tableElement(NS.adminForm, `Links of ${gateway.service.domain}`, COLUMNS, rows);
    if (rows.length > 0) return { kind: 'outcome', form };
    return { kind: 'outcome', form, note: { type: 'info', text: 'This gateway has no links.' } };
  },
};
