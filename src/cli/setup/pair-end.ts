import { join } from 'node:path';
import { identitySettings } from '../../app/certificate.ts';
import type { Config } from '../../config/config.ts';
import { findIdentity, IDENTITY_FILE, loadIdentity } from '../../io/identity.ts';
import { giveToDirectoryOwner } from '../../io/operator-file.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-status.ts';
import { visible } from '../format.ts';
import { type Conversation, isYes } from './conversation.ts';
import { parentOf } from './init-questions.ts';
import { PairError } from './pair-error.ts';
import { MAX_DOMAINS, MAX_LINE_LENGTH, oneLine, type PairLine, type Terms, writePairLine } from './pair-line.ts';
import { dialsFrom, disagreement } from './pair-link.ts';
import { readOptions, type Settings } from './pair-options.ts';

/** What both sides do unless one of them says otherwise: two gateways of this kind speak the dictionary. */
const USUAL: Terms = { transport: 'direct', tls: 'pinned', bandwidth: 0, compression: true };

/**
 * Our end of the link, of what the file, the options, the other side's line and the operator say.
 * @throws {PairError} Where that doesn't make one.
 * @throws {IdentityError} Where the certificate is of no use.
 */
export async function ourEnd(
  { options, output: { paint } }: Invocation,
  config: Config,
  settings: Settings,
  theirs: PairLine | undefined,
  talk: Conversation | undefined,
): Promise<PairLine> {
  const problem = theirs && disagreement(settings, theirs);
  if (problem !== undefined) throw new PairError(problem);
  const ask = async <T>(label: string, usual: string, read: (text: string) => T): Promise<T | undefined> => {
    if (talk === undefined || options['--yes'] !== undefined) return undefined;
    for (;;) {
      const typed = await talk.ask(`${paint(label, 'title')} [${usual}]: `);
      if (typed === undefined) throw new PairError('nothing was written');
      if (typed === '') return undefined;
      try {
        return read(typed);
      } catch (error) {
        if (!(error instanceof PairError)) throw error;
        talk.say(paint(visible(`  ${error.message.replace(/^--[\w-]+/, 'that')}`), 'fault'));
      }
    }
  };
  const { domain, localDomains } = config.gateway;

  let domains = settings.domains ?? localDomains;
  if (domains === undefined) {
    const parent = parentOf(domain);
    const usual = parent === undefined ? [] : [parent];
    const label = 'Domains of our users, for whom we may speak';
    domains = await ask(label, parent ?? 'none', (text) => readOptions({ '--local-domain': text }).domains);
    if (talk === undefined)
      throw new PairError(
        'the file has no local_domains, and their side has to know whose users come by us (--local-domain denmark.lit)',
        EXIT.usage,
      );
    domains ??= usual;
  }
  const asked = theirs ?? { ...USUAL, ...settings };
  const isDirect = asked.transport === 'direct';
  const address =
    settings.connect ??
    (await ask(
      'Where they can dial us, HOST:PORT',
      'only we dial',
      (text) => readOptions({ '--connect': text }).connect,
    ));
  const bandwidth =
    settings.bandwidth ??
    theirs?.bandwidth ??
    (await ask(
      'Bits per second on air, the same for both',
      'no limit',
      (text) => readOptions({ '--bandwidth': text }).bandwidth,
    )) ??
    USUAL.bandwidth;
  let from = settings.from;
  if (from === undefined && isDirect && asked.tls === 'off' && dialsFrom({ ...(address && { address }) }) === undefined)
    from = await ask(
      'Numeric address that we dial from',
      'they only dial',
      (text) => readOptions({ '--from': text }).from,
    );
  const { transport, tls, compression } = asked;
  const line: PairLine = {
    domain,
    domains,
    ...(address !== undefined && { address }),
    ...(from !== undefined && { from }),
    transport,
    tls,
    bandwidth,
    compression,
    pin: tls === 'off' ? '' : await ourPin(config, options, talk),
  };
  if (domains.length > MAX_DOMAINS || oneLine(writePairLine(line)).length > MAX_LINE_LENGTH)
    throw new PairError('our domains are too many for a line that somebody reads out: write the [[link]] by hand');
  return line;
}

/** The SHA-256 of the certificate that we show, which is made where there is none yet. */
async function ourPin(config: Config, options: Invocation['options'], talk: Conversation | undefined): Promise<string> {
  const found = findIdentity(identitySettings(config), config.gateway.data);
  if (found !== undefined) return found.sha256;
  const file = join(config.gateway.data, IDENTITY_FILE);
  if (options['--yes'] === undefined) {
    if (talk === undefined)
      throw new PairError(`the gateway has no certificate yet: its first start makes it, or --yes here, as ${file}`);
    talk.say(visible(`The gateway has no certificate yet. It would be made at its first start, as`));
    const wish = await talk.ask(`${visible(file)}. Make it now? [yes]: `);
    if (wish === undefined || !isYes(wish)) throw new PairError('without a certificate there is no pin (or --tls off)');
  }
  const { sha256 } = loadIdentity(identitySettings(config), config.gateway.data);
  giveToDirectoryOwner(file);
  return sha256;
}
