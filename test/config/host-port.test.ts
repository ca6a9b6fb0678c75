import { describe, expect, it } from 'vitest';
import { parseHost, parseHostPort } from '../../src/config/host-port.ts';

describe('HOST:PORT', () => {
  it.each([
    ['10.1.0.2:5270', '10.1.0.2', 5270],
    ['[::1]:1', '0:0:0:0:0:0:0:1', 1],
    ['[fe80::1%eth0]:65535', 'fe80:0:0:0:0:0:0:1%eth0', 65_535],
    ['Far_gate.Wonderland.lit:05', 'far_gate.wonderland.lit', 5],
    ['0x-1.a:80', '0x-1.a', 80],
  ])('%s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':1',
    'a',
    'a:',
    'a:0',
    'a:65536',
    'a:-1',
    'a:1x',
    'a b:1',
    'a:b:1',
    '::1:1',
    '[::1]',
    '[a]:1',
    '[10.1.0.2]:1',
    '10.1.0:1',
    '1.2.3.4.5:1',
    'a..b:1',
    '-a:1',
    'a-.b:1',
    ' a:1',
    'a:1\n',
  ])('refuses %j', (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  });
});

it('a host alone may be an IPv6 address without brackets', () => {
  expect(parseHost('::FFFF:10.1.0.2')).toBe('10.1.0.2');
  expect(parseHost('[::1]')).toBeUndefined();
});
