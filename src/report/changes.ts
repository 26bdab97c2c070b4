/** What a copy does, or would do, with the rows that have a place in the plugin: how many, and why. */
import type { PlannedChanges } from '../model/run.ts';
import { count, counted, type Style, table } from './format.ts';

type Kind = Exclude<keyof PlannedChanges, 'failed'>;

const MEANING: Record<Kind, string> = {
  new: 'never copied before',
  changed: 'changed in the source since they were copied',
  recorded: 'copied before, and unchanged since',
  adopted: 'in the plugin already, just as planned',
  conflict: 'the plugin does not hold what this tool wrote, or cannot tell; left as they are',
  drift: 'copied to where they no longer belong; left there',
};
const KINDS = Object.keys(MEANING).filter((name): name is Kind => name in MEANING);

/** Rows by kind; empty where all of them are new. */
export function changesTable(changes: PlannedChanges, style: Style): string {
  const kinds = KINDS.filter((kind) => changes[kind] > 0);
  if (kinds.every((kind) => kind === 'new')) return '';
  const rows = kinds.map((kind) => [kind, changes[kind], MEANING[kind]] as const);
  return table(['row is', 'rows', 'which says'], rows, style);
}

/** A sentence where there is neither anything to send nor anything to settle; empty where there is. */
export function nothingToDo({ recorded, ...others }: PlannedChanges): string {
  if (Object.values(others).some((rows) => rows > 0)) return '';
  if (recorded === 0) return 'Nothing to do: there was no row to copy.';
  return `Nothing to do: what has been copied is unchanged since, by the ledger (${counted(recorded, 'row')}).`;
}

/** "; 1,990 new, 10 changed", or nothing where all are new. */
export function newAndChanged({ new: fresh, changed }: Pick<PlannedChanges, 'new' | 'changed'>): string {
  return changed === 0 ? '' : `; ${count(fresh)} new, ${count(changed)} changed`;
}

/** The rows that are not sent although they have a place, for the last line: ", 2 conflicts, 1 drift, 500 recorded". */
export function notSent({ conflict, drift, adopted, recorded }: PlannedChanges, style: Style): string {
  const noted = [conflict > 0 ? counted(conflict, 'conflict') : '', drift > 0 ? counted(drift, 'drift') : ''];
  const quiet = [adopted > 0 ? `${count(adopted)} adopted` : '', recorded > 0 ? `${count(recorded)} recorded` : ''];
  const texts = [...noted.map((text) => (text === '' ? '' : style.warn(text))), ...quiet];
  return texts.map((text) => (text === '' ? '' : `, ${text}`)).join('');
}
