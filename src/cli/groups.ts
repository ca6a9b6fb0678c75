/** How the list of commands, the manual and completion have them in order. */
export interface Group {
  readonly title: string;
  readonly names: readonly string[];
}

/** These change nothing, so a name may be cut short where no other begins like that: `fmucd st`. */
export const LOOK: Group = {
  title: 'Look',
  names: ['status', 'links', 'rooms', 'top', 'trace', 'history', 'check', 'clock'],
};

const groups: readonly Group[] = [
  LOOK,
  { title: 'Run', names: ['run', 'reload', 'fetch'] },
  { title: 'Keep', names: ['backup', 'restore', 'export'] },
  { title: 'Set up', names: ['init', 'pair', 'completion', 'demo', 'version'] },
];

/** Commands by group; what no group names stands in the last one. */
export function grouped<T extends { readonly name: string }>(all: readonly T[]): [title: string, members: T[]][] {
  const named = new Set(groups.flatMap(({ names }) => names));
  return groups.map(({ title, names }, at) => {
    const members = names.flatMap((name) => all.filter((one) => one.name === name));
    const others = at === groups.length - 1 ? all.filter(({ name }) => !named.has(name)) : [];
    return [title, [...members, ...others]];
  });
}
