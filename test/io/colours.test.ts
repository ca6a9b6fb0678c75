import { describe, expect, it } from 'vitest';
import { hasColours } from '../../src/io/colours.ts';

describe('colours', () => {
  it.each(['xterm', 'xterm-256color', 'linux', 'screen', 'tmux-256color', 'rxvt'])('%s has them', (TERM) => {
    expect(hasColours({ isTTY: true }, { TERM })).toBe(true);
    expect(hasColours({ isTTY: true }, { TERM, NO_COLOR: '' })).toBe(true);
  });

  it.each(['vt100', 'vt102', 'vt220-8', 'dumb', 'unknown', 'linux-m'])('%s has none', (TERM) => {
    expect(hasColours({ isTTY: true }, { TERM })).toBe(false);
  });

  it('are not for a pipe, nor where the terminal isn’t known, nor where nobody wants them', () => {
    expect(hasColours({}, { TERM: 'xterm' })).toBe(false);
    expect(hasColours({ isTTY: true }, {})).toBe(false);
    expect(hasColours({ isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
  });
});
