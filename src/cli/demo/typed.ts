/** What a line that somebody typed asks for. */
export type Command =
  | { readonly kind: 'say' | 'nick' | 'subject'; readonly text: string }
  | { readonly kind: 'join' | 'leave' | 'cut' | 'mend' | 'quit' }
  | { readonly kind: 'switch'; readonly to: 'left' | 'right' }
  | { readonly kind: 'nothing' }
  /** It can't be meant; `text` says why. */
  | { readonly kind: 'mistake'; readonly text: string };

const PLAIN: Readonly<Record<string, Command>> = {
  h: { kind: 'switch', to: 'left' },
  a: { kind: 'switch', to: 'right' },
  join: { kind: 'join' },
  leave: { kind: 'leave' },
  cut: { kind: 'cut' },
  mend: { kind: 'mend' },
  quit: { kind: 'quit' },
};

/** Reads a line: a command where it begins with a slash, something to say otherwise. `//` says a slash. */
export function readTyped(line: string): Command {
  const text = line.trim();
  if (text === '') return { kind: 'nothing' };
  if (!text.startsWith('/')) return { kind: 'say', text };
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) };
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/u.exec(text) ?? [];
  if (name === 'subject') return { kind: 'subject', text: rest };
  if (name === 'nick')
    return rest === '' ? { kind: 'mistake', text: '/nick needs the new nick' } : { kind: 'nick', text: rest };
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  return plain ?? { kind: 'mistake', text: `/${name}: there is /nick /leave /join /subject /cut /mend /quit` };
}
