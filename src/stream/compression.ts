export class ZlibStream {
  deflate(text: string): Uint8Array {
    return Buffer.from(text);
  }
  inflate(bytes: Uint8Array): Uint8Array[] {
    return [bytes];
  }
}
