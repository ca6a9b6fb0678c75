import { printable, type Span } from '../text.ts';
import type { Sight } from './sight.ts';

/** SGR parameters of what the demo shows. Each direction of the link has the colour of the person whose words go that way. */
export const STYLE = { bold: '1', dim: '2', forth: '36', back: '35', warning: '33', fault: '1;31' } as const;

/** One line of a conversation; `color` is that of whoever speaks. */
export function sightSpans(sight: Sight, color: string): Span[] {
  const time: Span[] = 'stamp' in sight ? [{ text: `${clockTime(sight.stamp)} `, style: STYLE.dim }] : [];
  switch (sight.kind) {
    case 'joined':
      return [aside(`${sight.nick} joins`)];
    case 'left':
      return [aside(`${sight.nick} leaves`)];
    case 'renamed':
      return [aside(`${sight.nick} is now ${sight.to}`)];
    case 'subject':
      return [...time, aside(`${sight.nick === '' ? '' : `${sight.nick} sets `}the subject: ${sight.text}`)];
    case 'message':
      return [...time, { text: `${printable(sight.nick)}  `, style: color }, { text: printable(sight.text) }];
    case 'private':
      return [{ text: `${printable(sight.nick)} in private  `, style: color }, { text: printable(sight.text) }];
    case 'refused':
      return [{ text: `! ${printable(sight.text)}`, style: STYLE.warning }];
    case 'fault':
      return [{ text: `! ${printable(sight.text)}`, style: STYLE.fault }];
  }
}

function aside(text: string): Span {
  return { text: `· ${printable(text)}`, style: STYLE.dim };
}

/** The time of day in a stamp of XEP-0082, in UTC. */
function clockTime(stamp: string | undefined): string {
  return stamp?.match(/T(\d\d:\d\d)/)?.[1] ?? '';
}
