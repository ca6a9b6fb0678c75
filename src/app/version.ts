/** The program's version, as its package says; `development` where it runs unbuilt. */
export const version: string = typeof __FMUCD_VERSION__ === 'string' ? __FMUCD_VERSION__ : 'development';
