import type { Locate, Path, Position } from './positions.ts';

/** Something to say about the operator's file. An error keeps the gateway from starting; a warning doesn't. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Absent: it is about the file as a whole. */
  readonly position?: Position;
  /** `what is wrong (what is allowed)`. Never holds a secret. */
  readonly message: string;
}

/** A finding before it is placed: what it is about, by path. */
export interface Remark {
  readonly severity: Finding['severity'];
  readonly path: Path;
  /** Whether the key or its value is meant. */
  readonly part: 'key' | 'value';
  readonly message: string;
}

export function fault(path: Path, message: string): Remark {
  return { severity: 'error', path, part: 'value', message };
}

export function warning(path: Path, message: string): Remark {
  return { severity: 'warning', path, part: 'value', message };
}

/** Findings in the order in which they stand in the file. */
export function place(file: string, remarks: readonly Remark[], locate: Locate): Finding[] {
  return inOrder(
    remarks.map(({ severity, path, part, message }) => ({ severity, file, position: locate(path, part), message })),
  );
}

/** Those of one file by their places; what is about the file as a whole comes first. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const of = ({ position }: Finding) => position ?? { line: 0, column: 0 };
  return findings.toSorted((a, b) => of(a).line - of(b).line || of(a).column - of(b).column);
}

/** `FILE:LINE:COL: what is wrong (what is allowed)`; a warning says that it is one. */
export function formatFinding({ severity, file, position, message }: Finding): string {
  const where = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return `${where}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}
