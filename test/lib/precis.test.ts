import { describe, expect, it } from 'vitest';
import { prepareNick, prepareOpaque, prepareUsername } from '../../src/lib/precis.ts';

describe('PRECIS', () => {
  it('RFC 8265 §3.3: case and width are mapped in a username, in no opaque string', () => {
    expect(prepareUsername('\uff21B')).toBe('ab');
    expect(prepareOpaque('\uff21B')).toBe('\uff21B');
  });

  it('RFC 8264 §7: what the rules give is left alone by the rules', () => {
    for (const text of ['\u0130', '\u1e9e', '\u03a3\u03a3', '\u212b', '\uff76\uff9e']) {
      const once = prepareUsername(text);
      expect(once).toBeDefined();
      expect(prepareUsername(once!)).toBe(once);
    }
  });

  it('neither takes the empty text', () => {
    expect(prepareUsername('')).toBeUndefined();
    expect(prepareOpaque('')).toBeUndefined();
  });

  it('XEP-0045 §7.2.1: a nick is a resourcepart with something to see in it', () => {
    expect(prepareNick('Thirdwitch')).toBe('Thirdwitch');
    expect(prepareNick('e\u0301\u00a0e')).toBe('\u00e9 e');
    for (const text of ['', ' ', '\u00a0\u3000', 'a\nb', 'x'.repeat(1024), '\u200b'])
      expect(prepareNick(text)).toBeUndefined();
  });
});
