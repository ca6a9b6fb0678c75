import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A port that nobody listens on at this address now. */
export async function freePort(address: string): Promise<number> {
  const server = createServer();
  const port = await listen(server, address);
  server.close();
  await once(server, 'close');
  return port;
}

/** Binds to that port, or to a free one, and says which. */
export async function listen(server: Server, address: string, port = 0): Promise<number> {
  server.listen(port, address);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
