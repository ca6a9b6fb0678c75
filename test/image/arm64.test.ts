import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Box } from '../support/box.ts';
import { endAll } from '../support/ending.ts';
import { flashed, type Image, image } from '../support/image.ts';
import { requires } from '../support/requires.ts';

vi.setConfig({ testTimeout: 600_000 });
const BUILD_MS = 900_000;

requires(
  'an emulated ARM64 board',
  'the tools of an image',
  'aarch64-linux-gnu-g++',
  'qemu-aarch64-static',
)('a box (ARM64, 128 MB, a hardware watchdog)', () => {
  let made: Image;
  let box: Box;
  beforeAll(async () => {
    made = image('linux-arm64');
    box = await Box.switchOn(flashed(made, 800), {
      ...made,
      extra: ['-device', 'i6300esb', '-action', 'watchdog=poweroff'],
    });
  }, BUILD_MS);
  afterAll(endAll);

  it('boots, and greets whoever logs in at the console with how the gateway is', async () => {
    expect(await box.login()).toContain('rooms.example: fmucd 0.1.0, up');
  });

  it('feeds its watchdog, and starts anew where it hangs', async () => {
    expect((await box.run('sv status watchdog')).output).toContain('run: watchdog');
    expect((await box.run('ls -l /proc/$(pidof watchdog)/fd | grep -c /dev/watchdog')).output).toBe('1');
    // No more than 60 s after the last time that it was fed.
    box.type('sv pause watchdog\r');
    await box.isOff(400_000);
  });
});
