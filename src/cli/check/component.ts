import type { ComponentTrial } from '../../app/try-component.ts';
import { fault, type Remark, warning } from '../../config/finding.ts';
import { formatAddress } from '../../io/address.ts';
import { formatAge } from '../format.ts';
import { type Examined, examined, type Scene } from './scene.ts';
import { PROBE_MS } from './surroundings.ts';

const NOTHING: Examined = { remarks: [], checked: [] };

/**
 * Whether the XMPP server takes us. Where a gateway runs it is asked instead: a second component of its name could throw it
 * off the server.
 */
export async function examineComponent(scene: Scene): Promise<Examined> {
  const { config, gateway, on } = scene;
  const { component } = config;
  if (component === undefined) return NOTHING;
  const server = formatAddress(component);
  const what = `component ${server}`;
  if (!gateway.runs) {
    const trial = await on.tryComponent(component, config.gateway.domain);
    return examined(remarksOn(trial, server, scene), what, 'accepts the secret');
  }
  const attached = gateway.report?.component;
  if (attached?.server === `${component.host}:${component.port}`) {
    const remarks =
      attached.state === 'up' || attached.error === null
        ? []
        : [warning(['component'], `the gateway that runs isn't attached: ${attached.error}`)];
    const since = formatAge(attached.since, on.now());
    return examined(remarks, what, attached.state === 'up' ? `attached ${since}` : 'the gateway is connecting');
  }
  const problem = await on.connectProblem(component);
  const remarks = problem === undefined ? [] : [warning(['component'], problem)];
  return examined(remarks, what, 'answers; secret not tried: the gateway runs');
}

/** The gateway keeps trying, so a server that is down is no fault of the file; one that refuses what the file says is. */
function remarksOn(trial: ComponentTrial, server: string, { config, written }: Scene): Remark[] {
  const at = `the server at ${server}`;
  const table = ['component'];
  const port = [...table, 'port'];
  switch (trial.outcome) {
    case 'accepted':
      return [];
    case 'unreachable':
      return [warning(table, trial.reason)];
    case 'silent':
      return [
        warning(
          table,
          `${at} takes the connection and says nothing for ${PROBE_MS / 1000} s (is that its port for components?)`,
        ),
      ];
    case 'hung-up':
      return [warning(table, `${at} hangs up without a word: ${trial.reason} (is that its port for components?)`)];
    case 'foreign':
      return [fault(port, `${at} doesn't speak to components: ${trial.reason} (its port for components, XEP-0114)`)];
    case 'refused': {
      const { domain } = config.gateway;
      const key = written([...table, 'secret']) ? 'secret' : 'secret_file';
      const said = `${at} says ${trial.reason}`;
      if (trial.condition === 'not-authorized')
        return [
          fault(
            [...table, key],
            `${at} refuses the secret (the one that it has for ${domain}, if it has that name at all)`,
          ),
        ];
      if (trial.condition === 'host-unknown')
        return [fault(table, `${at} doesn't know a component ${domain} (the domain that it has, or add it there)`)];
      if (trial.condition === 'conflict')
        return [fault(table, `${at} has a component ${domain} attached already (stop the other one)`)];
      if (trial.condition === 'invalid-namespace')
        return [fault(port, `${at} doesn't speak to components there (its port for components, XEP-0114)`)];
      return [warning(table, said)];
    }
  }
}
