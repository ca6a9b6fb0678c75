import { describe, expect, it } from 'vitest';
import { formatAddress, isIpv4, isIpv6, normaliseAddress } from '../../src/lib/address.ts';

describe('addresses', () => {
  it.each(['0.0.0.0', '10.1.0.2', '255.255.255.255'])('%s is IPv4', (text) => expect(isIpv4(text)).toBe(true));
  it.each(['', '10.1.0', '10.1.0.2.', '10.1.0.2.3', '256.1.1.1', '01.2.3.4', '10.1.0.a'])('%j is not IPv4', (text) =>
    expect(isIpv4(text)).toBe(false),
  );

  it.each(['::', '::1', '1::', '2001:db8::1', '1:2:3:4:5:6:7:8', '::ffff:10.1.0.2', '1:2:3:4:5:6:10.1.0.2', 'FE80::A'])(
    '%s is IPv6',
    (text) => expect(isIpv6(text)).toBe(true),
  );
  it.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '1::2::3',
    '12345::',
    'g::',
    '::10.1.0.2:1',
    '1:',
    ':1',
    '10.1.0.2',
    'fe80::1%eth0',
  ])('%j is not IPv6', (text) => expect(isIpv6(text)).toBe(false));

  it.each([
    ['10.1.0.2', '10.1.0.2'],
    ['::ffff:10.1.0.2', '10.1.0.2'],
    ['::FFFF:a01:2', '10.1.0.2'],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'],
    ['2001:db8:0:0::01', '2001:db8:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1%eth0'],
    ['rooms.wonderland.lit', undefined],
    ['', undefined],
  ])('%s normalises to %s', (text, normal) => expect(normaliseAddress(text)).toBe(normal));

  it('are written with their port, IPv6 in brackets', () => {
    expect(formatAddress({ host: '10.1.0.2', port: 5270 })).toBe('10.1.0.2:5270');
    expect(formatAddress({ host: 'peer.lit', port: 5270 })).toBe('peer.lit:5270');
    expect(formatAddress({ host: '::1', port: 5270 })).toBe('[::1]:5270');
  });
});
