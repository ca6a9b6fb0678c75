import type { Address } from '../../config/config.ts';
import { fault } from '../../config/finding.ts';
import type { Path } from '../../config/positions.ts';
import { formatAddress } from '../../io/address.ts';
import { type Examined, examined, type Scene, together } from './scene.ts';

/** Whether what the file waits at can be had. A gateway that runs with this file holds the addresses itself. */
export async function examineListeners({ config: { s2s, links }, gateway, on }: Scene): Promise<Examined> {
  const named: { readonly address: Address; readonly path: Path }[] = [
    ...(s2s?.listen ?? []).map((address, index) => ({ address, path: ['s2s', 'listen', index] })),
    ...links.flatMap(({ listen: address }, link) =>
      address === undefined ? [] : [{ address, path: ['link', link, 'listen'] }],
    ),
  ];
  const first = new Map(named.toReversed().map((listener) => [formatAddress(listener.address), listener]));
  const wanted = named.filter((listener) => first.get(formatAddress(listener.address)) === listener);
  const problems = gateway.runs ? [] : await on.listenProblems(wanted.map(({ address }) => address));
  return together(
    wanted.map(({ address, path }, index) => {
      const problem = problems[index];
      const what = `listen ${formatAddress(address)}`;
      return examined(
        problem === undefined ? [] : [fault(path, problem)],
        what,
        gateway.runs ? 'not tried: the gateway runs' : 'free',
      );
    }),
  );
}
