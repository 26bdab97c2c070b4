/**
 * The file behind `--log-file`: one JSON line for each event, appended, so that the runs of a migration follow one another in
 * one file and each line names its run.
 *
 * `log` resolves once its line is written. While one write is under way, the lines that come in meanwhile wait and then go out
 * together: many rows share a write, no more lines wait than there are callers, and they stand in the order of the calls.
 *
 * A line that was written has left this process, whose death cannot take it along; `close` has the file put on the disk, so
 * that a loss of power cannot either. A crash leaves whole lines. A disk that is full may leave a last one that is cut off:
 * nothing more is written after it, and the next run begins on a line of its own.
 *
 * Only the fields that an event is known to have are written, each by its name. What else an object may carry at run time, a
 * memory's text for one, stays out of the file.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { RunError } from '../model/errors.ts';
import type { EventLog, LogEvent } from '../model/events.ts';
import { ENTRY_OUTCOMES } from '../model/ledger.ts';

export interface LogFile extends EventLog {
  log(event: LogEvent): Promise<void>;
  /** Ends the file once all is written. Throws RunError `output`, also where an earlier line could not be written. */
  close(): Promise<void>;
}

/**
 * @param path is made, for its owner alone, where it does not exist
 * @param runId stands in each line
 * @throws RunError `output` where it cannot be opened for writing
 */
export async function logFile(path: string, runId: string): Promise<LogFile> {
  const { file, cutOff, regular } = await openToAppend(path).catch(unwritable(path));
  let waiting = cutOff ? '\n' : '';
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  /** Resolves once everything that waits now is written; after a failure, rejects for good. */
  function written(): Promise<void> {
    next ??= underWay.then(() => {
      const lines = waiting;
      waiting = '';
      next = null;
      underWay = file.appendFile(lines).catch(unwritable(path));
      return underWay;
    });
    return next;
  }

  return {
    log(event) {
      const line = { time: new Date().toISOString(), run: runId, ...event };
      waiting += `${JSON.stringify(line, ['time', 'run', 'event', ...FIELDS[event.event]])}\n`;
      return written();
    },
    async close() {
      try {
        await (next ?? underWay);
        if (regular) await file.datasync().catch(unwritable(path));
      } finally {
        await file.close();
      }
    },
  };
}

/** Every name of a field, also within a field. */
type NameIn<T> = T extends object ? keyof T | NameIn<T[keyof T]> : never;
type NamesOf<Name extends LogEvent['event']> = ReadonlyArray<NameIn<Extract<LogEvent, { event: Name }>>>;

/** The fields of each event, in the order in which they are written. */
const FIELDS: { [Name in LogEvent['event']]: NamesOf<Name> } = {
  'run-started': [
    'mode',
    'toolVersion',
    'actor',
    'userId',
    'serviceId',
    'source',
    'plugin',
    'ledger',
    'settings',
    'workspace',
    'limit',
    'teamLevel',
    'removedWorkspaces',
    'onConflict',
    'retryFailed',
    'run',
  ],
  page: ['rows', 'scanned', 'total', 'lastCreatedAt', 'lastId'],
  row: ['id', 'outcome', 'namespace', 'reason', 'attempts', 'durationMs'],
  'outage-began': ['sentence'],
  'outage-ended': ['durationMs'],
  notice: ['sentence'],
  'run-ended': ['ended', 'counts', ...ENTRY_OUTCOMES, 'recorded', 'durationMs', 'interruptedBy', 'error'],
};

interface Opened {
  file: FileHandle;
  /** Its last line lacks its end. */
  cutOff: boolean;
  /** It is on a disk, and neither a pipe nor a terminal. */
  regular: boolean;
}

async function openToAppend(path: string): Promise<Opened> {
  const file = await open(path, 'a+', 0o600);
  const stat = await file.stat();
  const regular = stat.isFile();
  if (!regular || stat.size === 0) return { file, cutOff: false, regular };
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: stat.size - 1 });
  return { file, cutOff: buffer.toString() !== '\n', regular };
}

function unwritable(path: string): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      'output',
      `The log could not be written to ${path}: ${reason}; the run stops, since nothing is sent without a record.`,
      { cause: error },
    );
  };
}
