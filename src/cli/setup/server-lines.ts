import type { Address } from '../../config/config.ts';

/** What Prosody and ejabberd are told of a component, to be pasted into their own files. */
export function serverLines(domain: string, { port }: Address, secret: string): string[] {
  return [
    'Prosody, at the end of prosody.cfg.lua:',
    `  Component "${domain}"`,
    `      component_secret = "${secret}"`,
    'or ejabberd, beneath "listen:" in ejabberd.yml:',
    `  - port: ${port}`,
    '    module: ejabberd_service',
    `    hosts: { "${domain}": { password: "${secret}" } }`,
  ];
}
