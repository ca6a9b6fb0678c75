/** Set by the build, absent in development: the version of package.json. */
declare const __FMUCD_VERSION__: string | undefined;

/** Set by the build, absent in development: when what was built was written, in milliseconds since the epoch. */
declare const __FMUCD_BUILT__: number | undefined;

/** Set by the build, absent in development: the SQLite addon at the end of the program's file. */
declare const __FMUCD_ADDON__:
  | {
      /** Bytes at the end of the file: the addon, compressed with brotli. */
      readonly length: number;
      /** Of those bytes, in hex. */
      readonly sha256: string;
      /** In text, where the file is one. */
      readonly encoding: 'base64' | 'binary';
      /** The addon itself. */
      readonly content: { readonly bytes: number; readonly sha256: string };
      /** The major version of the Node that it was compiled for, as `v20`. */
      readonly node: string;
    }
  | undefined;
