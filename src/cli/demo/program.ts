/** How to start this very program again: Node with the bundle, or the single executable alone, whose own path is `__filename`. */
export function thisProgram(): readonly string[] {
  return __filename === process.execPath ? [process.execPath] : [process.execPath, __filename];
}
