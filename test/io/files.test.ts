import { expect, it } from 'vitest';
import { othersCounted } from '../../src/io/files.ts';

const us = { uid: 100, gid: 100 };

it.each([
  ['ours', { mode: 0o100640, uid: 100, gid: 100 }, us, 0o100640],
  ["root's, with our group", { mode: 0o100640, uid: 0, gid: 100 }, us, 0o100600],
  ["root's, with our group, and open to all", { mode: 0o100644, uid: 0, gid: 100 }, us, 0o100604],
  ["root's, with another group", { mode: 0o100640, uid: 0, gid: 0 }, us, 0o100640],
  ["somebody's, with our group", { mode: 0o100640, uid: 7, gid: 100 }, us, 0o100640],
  [
    "root's with the service's group, where root looks",
    { mode: 0o100640, uid: 0, gid: 100 },
    { uid: 0, gid: 0 },
    0o100600,
  ],
  ['our own as root', { mode: 0o100640, uid: 0, gid: 0 }, { uid: 0, gid: 0 }, 0o100640],
])('counts who else may read a file that is %s', (_, file, whoWeAre, mode) => {
  expect(othersCounted(file, whoWeAre)).toBe(mode);
});
