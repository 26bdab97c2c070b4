/**
 * A Postgres with pgvector, for the tests of the embedding column: the embedded server has no such extension, PGlite does.
 *
 * PGlite is Postgres in WebAssembly, in this process. It has one session, which all connections take turns in, and whoever
 * has a transaction open makes the others wait; so what one connection sets or declares, the others see. What is tested
 * here must not depend on sessions of its own.
 */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

export interface VectorPostgres {
  /** A superuser's, with the extension `vector` created. */
  url: string;
  stop(): Promise<void>;
}

const MAX_CONNECTIONS = 50;

export async function startVectorPostgres(): Promise<VectorPostgres> {
  const db = await PGlite.create({ extensions: { vector } });
  await db.exec('CREATE EXTENSION vector');
  const server = new PGLiteSocketServer({ db, port: 0, maxConnections: MAX_CONNECTIONS });
  await server.start();
  return {
    url: `postgres://postgres:postgres@${server.getServerConn()}/postgres`,
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}
