// @ts-check

/** What oxlint and knip run on; everything else here runs on any Node that the program does. */
export const lintersNeed = 'Node 20.19';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

export const lintersRun = major > 20 || (major === 20 && minor >= 19);
