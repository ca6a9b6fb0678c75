import { parse, TomlError } from 'smol-toml';
import { isTable } from './fields.ts';

/** Names that are nobody's (RFC 2606 §2). */
const NOBODYS = /(?:^|\.)example$/;

/** Whether a file is the one that a new box comes with: nothing in it but a domain that is nobody's. */
export function isUntouched(text: string): boolean {
  try {
    const { gateway, ...others } = parse(text);
    if (!isTable(gateway) || Object.keys(others).length > 0) return false;
    const { domain, ...more } = gateway;
    return typeof domain === 'string' && NOBODYS.test(domain) && Object.keys(more).length === 0;
  } catch (error) {
    if (error instanceof TomlError) return false;
    throw error;
  }
}
