import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { endAll } from '../support/ending.ts';
import { readScript, type Scene } from '../support/script.ts';
import { Stage } from '../support/stage.ts';

/* Conversations of several clients in rooms of the built program: the scripts beside this file. */

const folder = fileURLToPath(new URL('conversations', import.meta.url));
const scripts = readdirSync(folder)
  .filter((name) => name.endsWith('.script'))
  .map((name) => readScript(join(folder, name)));

describe.each(scripts.map((script) => [script.title, script] as const))('%s', (_title, script) => {
  let stage: Stage;
  const expectPlayed = (scene: Scene): Promise<void> => stage.play(scene);

  beforeAll(async () => {
    stage = await Stage.set(script);
  });
  afterAll(endAll);

  it.each(script.scenes.map((scene) => [scene.title, scene] as const))('%s', (_title, scene) => expectPlayed(scene));
});
