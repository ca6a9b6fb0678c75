import type { ConfigFiles } from '../../config/files.ts';
import { type Surroundings, thisMachine } from '../check/surroundings.ts';
import { checkOn } from '../check.ts';
import { visible, WIDTH, wrap } from '../format.ts';
import type { Output } from '../output.ts';
import { unpainted } from '../paint.ts';

/** Checks a file that is being set up: what the XMPP server refuses is no fault of it yet, since nobody may have told the server. */
export function checkBeforehand(
  file: string,
  files: ConfigFiles,
  { print, complain, paint }: Output,
  isTerminal: boolean,
): Promise<number> {
  const on = thisMachine();
  const tryComponent: Surroundings['tryComponent'] = async (component, domain) => {
    const trial = await on.tryComponent(component, domain);
    return trial.outcome === 'refused'
      ? { outcome: 'unreachable', reason: `the server says ${trial.reason} (has it been told of ${domain}?)` }
      : trial;
  };
  const output: Output = {
    // The verdict: what was looked at `fmucd check` tells.
    print: (text) => print(text.split('\n', 1).join('')),
    complain: (line) => complain(isTerminal ? wrap(visible(line), WIDTH).join('\n') : visible(line)),
    paint,
  };
  return checkOn({ file, operands: [], json: false, output }, { ...on, files, tryComponent }, unpainted);
}
