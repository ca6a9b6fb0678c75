import { commands } from './commands.ts';
import { dispatch } from './dispatch.ts';
import { endQuietlyWithReader, terminal } from './output.ts';

endQuietlyWithReader();
void dispatch(process.argv.slice(2), process.env, commands, terminal).then((status) => {
  process.exitCode = status;
});
