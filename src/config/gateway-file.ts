import type { Config, LinkConfig } from './config.ts';
import type { Remark } from './finding.ts';
import type { Locate, Path } from './positions.ts';

/** The file of one of several gateways that are held against each other. */
export interface GatewayFile {
  readonly config: Config;
  readonly locate: Locate;
  /** SHA-256 of that gateway's certificate, 64 lower-case hexadecimal digits, where it is known. */
  readonly sha256?: string | undefined;
}

/** Something to say about one of them. */
export type RemarkIn = readonly [file: GatewayFile, remark: Remark];

export function domainOfFile({ config }: GatewayFile): string {
  return config.gateway.domain;
}

/** `FILE:LINE` of a value. */
export function whereIn({ config, locate }: GatewayFile, path: Path): string {
  return `${config.file}:${locate(path, 'value').line}`;
}

/** The link of one gateway to another, with its place. */
export interface LinkEnd {
  readonly of: GatewayFile;
  readonly link: LinkConfig;
  readonly path: Path;
}

export function linkBetween(of: GatewayFile, to: GatewayFile): LinkEnd | undefined {
  const index = of.config.links.findIndex(({ peer }) => peer === domainOfFile(to));
  const link = of.config.links[index];
  return link && { of, link, path: ['link', index] };
}
