/**
 * The file behind `--plan`. It is written beside its final name and renamed when it is whole, so that a plan that was cut off
 * cannot be taken for one: a crash leaves `FILE.partial` and nothing else.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { RunError } from '../model/errors.ts';
import type { PlanSink } from '../run/dry-run.ts';

export interface PlanFile extends PlanSink {
  /** Gives the file its final name. Throws RunError `output`. */
  finish(): Promise<void>;
  /** Leaves the partial file as it is. */
  abandon(): void;
}

/** @throws RunError `output` where the file cannot be made */
export async function planFile(path: string): Promise<PlanFile> {
  const partial = `${path}.partial`;
  const stream = createWriteStream(partial);
  let broken: unknown;
  stream.on('error', (error) => {
    broken = error;
  });
  await once(stream, 'open').catch((error) => {
    throw unwritable(path, error);
  });

  return {
    path,
    async write(line) {
      if (broken) throw unwritable(path, broken);
      if (stream.write(`${JSON.stringify(line)}\n`)) return;
      await once(stream, 'drain').catch((error) => {
        throw unwritable(path, error);
      });
    },
    async finish() {
      try {
        stream.end();
        await finished(stream);
        await rename(partial, path);
      } catch (error) {
        throw unwritable(path, error);
      }
    },
    abandon: () => stream.destroy(),
  };
}

function unwritable(path: string, error: unknown): RunError {
  const reason = error instanceof Error ? error.message : String(error);
  return new RunError('output', `The plan could not be written to ${path}: ${reason}.`, { cause: error });
}
