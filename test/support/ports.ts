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

/** Binds to a free port and says which. */
export async function listen(server: Server, address: string): Promise<number> {
  server.listen(0, address);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
