import { dirname, join } from 'node:path';
import { fault, type Remark, warning } from '../../config/finding.ts';
import { openToOthers } from '../../config/private-file.ts';
import type { FileSystem } from '../../io/file-system.ts';
import type { StoreLook } from '../../io/store-look.ts';
import { formatBytes } from '../format.ts';
import { type Examined, examined, type Scene, together } from './scene.ts';

/** The part of the data directory's file system that is free, below which it is nearly full. */
const LOW_SPACE = 0.05;

const DATA = ['gateway', 'data'];
const MEMORY = ['gateway', 'memory'];
const MB = 1024 * 1024;

/** What the store stands on and what is in it, and the directory of the control socket. */
export function examineData(scene: Scene, look: StoreLook): Examined {
  const { config, gateway, on } = scene;
  const { data, control } = config.gateway;
  const found = on.fileSystemOf(data);
  const remarks = [
    ...directoryFaults('data', data, scene),
    ...(found === undefined ? [] : spaceWarnings(data, found)),
    ...storeRemarks(look, data),
  ];
  const store = look.bytes === undefined ? 'no store yet' : `store ${formatBytes(look.bytes)}`;
  const space = found === undefined || found.size === 0 ? [] : [`${formatBytes(found.free)} free`];
  const writable = on.isRoot && !gateway.runs ? ['writable by root'] : ['writable'];
  return together([
    examined(remarks, `data ${data}`, [...writable, ...space, store].join(', ')),
    examined(
      directoryFaults('control', dirname(control), scene),
      `control ${control}`,
      gateway.runs ? 'a gateway answers' : 'writable',
    ),
    memory(scene),
  ]);
}

function directoryFaults(key: 'data' | 'control', directory: string, { on }: Scene): Remark[] {
  const problem = on.directoryProblem(directory);
  return problem === undefined
    ? []
    : [fault(['gateway', key], `${key} can't be written: ${problem} (a directory of ours)`)];
}

/** What is no fault of the file, and loses messages all the same. */
function spaceWarnings(data: string, { isInMemory, free, size }: FileSystem): Remark[] {
  const used = `${Math.floor((1 - free / size) * 100)} % full (${formatBytes(free)} left: free some)`;
  return [
    ...(isInMemory
      ? [warning(DATA, `${data} is in memory: what is kept is gone at power-off (a directory on a disk)`)]
      : []),
    ...(free < size * LOW_SPACE ? [warning(DATA, `the file system of ${data} is ${used}`)] : []),
  ];
}

function storeRemarks({ file, mode, problem, damaged }: StoreLook, data: string): Remark[] {
  const exposed = openToOthers('what people have said', mode);
  const newest = damaged.at(-1);
  // The gateway sets a damaged store aside and goes on.
  const judge = problem?.condition === 'corrupt' || problem?.condition === 'full' ? warning : fault;
  return [
    ...(problem === undefined ? [] : [judge(DATA, problem.message)]),
    ...(exposed === undefined ? [] : [warning(DATA, `${file}: ${exposed}`)]),
    ...(newest === undefined
      ? []
      : [
          warning(
            DATA,
            `the store was damaged and set aside${damaged.length > 1 ? `, ${damaged.length} times` : ''}: ${join(data, newest)} (remove it once looked at)`,
          ),
        ]),
  ];
}

function memory({ config, on }: Scene): Examined {
  const wanted = config.gateway.memory;
  if (wanted === undefined) return { remarks: [], checked: [] };
  const there = Math.floor(on.memory / MB);
  const remarks = wanted <= there ? [] : [warning(MEMORY, `memory is more than the machine has (${there} or less)`)];
  return examined(remarks, `memory ${wanted} MB`, `of ${there} MB`);
}
