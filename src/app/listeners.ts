import type { Address } from '../config/config.ts';
import { formatAddress } from '../io/address.ts';
import type { Tcp } from '../io/tcp.ts';
import type { ConnectionId } from '../lib/effects.ts';

/** Where the gateway waits for peers, as the file says it. */
export class Listeners {
  readonly #tcp: Tcp;
  readonly #nextConnection: () => ConnectionId;
  readonly #bound = new Map<string, Address>();

  constructor(tcp: Tcp, nextConnection: () => ConnectionId) {
    this.#tcp = tcp;
    this.#nextConnection = nextConnection;
  }

  /**
   * Listens at these too, and answers what takes that back. One that is not among them goes now only where it is in the
   * way: of two listeners on a port one may be for every address.
   * @throws {ListenError} Where an address can't be had; then nothing has changed.
   */
  async add(wanted: readonly Address[]): Promise<() => Promise<void>> {
    const before = [...this.#bound.values()];
    const takeBack = async (): Promise<void> => {
      this.keepOnly(before);
      for (const address of before) await this.#listen(address);
    };
    const names = new Set(wanted.map(formatAddress));
    try {
      for (const address of wanted) {
        const inTheWay = before.filter((one) => one.port === address.port && !names.has(formatAddress(one)));
        if (!this.#bound.has(formatAddress(address))) for (const one of inTheWay) this.#drop(one);
        await this.#listen(address);
      }
    } catch (error) {
      await takeBack();
      throw error;
    }
    return takeBack;
  }

  /** Listens nowhere else any more. Connections stay. */
  keepOnly(wanted: readonly Address[]): void {
    const names = new Set(wanted.map(formatAddress));
    for (const [name, address] of this.#bound) if (!names.has(name)) this.#drop(address);
  }

  async #listen(address: Address): Promise<void> {
    const name = formatAddress(address);
    if (this.#bound.has(name)) return;
    await this.#tcp.listen(address, this.#nextConnection);
    this.#bound.set(name, address);
  }

  #drop(address: Address): void {
    this.#tcp.unlisten(address);
    this.#bound.delete(formatAddress(address));
  }
}
