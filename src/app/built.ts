/**
 * When this program was written, in milliseconds since the epoch: a clock that says less is wrong. Where it runs unbuilt,
 * before any release.
 */
export const built: number = typeof __FMUCD_BUILT__ === 'number' ? __FMUCD_BUILT__ : Date.UTC(2026, 0, 1);
