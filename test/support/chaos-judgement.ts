/**
 * What must hold of the source, the plugin and the ledger of a crash test, row for row: at every quiet moment, and in the end.
 * Each complaint is a sentence; none is the verdict that is hoped for.
 */
import type { LedgerWord, Platform, Sight, SourceRow, UsersWord } from './chaos-platform.ts';
import type { StoredMemory } from './quirky-plugin.ts';

const TRIAL = 'custom:backfill-preflight-';

/** Of a migration that is under way, and rests. */
export function complaintsMeanwhile(platform: Platform, sight: Sight): string[] {
  return [
    ...[...sight.memories.values()].flatMap((memory) => complaintsOfMemory(platform, memory)),
    ...[...platform.users].flatMap(([id, word]) => complaintsOfUsersWord(sight, id, word)),
    ...[...platform.made].flatMap(([id]) => (sight.memories.has(id) ? [] : [`${id}, made by a user, is lost`])),
    ...[...sight.ledger].flatMap(([id, { copy }]) => {
      if (!copy || platform.users.has(id) || sight.memories.has(id)) return [];
      return [`${id} is recorded as copied, and the plugin does not hold it`];
    }),
    ...[...sight.unrecorded].flatMap((id) => {
      const [memory, row] = [sight.memories.get(id), platform.rows.get(id)];
      const copy = sight.ledger.get(id)?.copy;
      if (!copy || !memory || !row || row.deleted || memory.content === row.content || row.mayConflict) return [];
      return [`${id} is recorded as copied with another content than the plugin holds`];
    }),
  ];
}

function complaintsOfMemory({ rows, users, made }: Platform, memory: StoredMemory): string[] {
  const { id, namespace, content } = memory;
  if (namespace.startsWith(TRIAL)) return [];
  const own = made.get(id);
  if (own) return own.content === content && own.namespace === namespace ? [] : [`${id}, made by a user, was changed`];
  const row = rows.get(id);
  if (!row) return [`${id} in ${namespace} was put there by nobody`];
  if (row.place !== namespace) return [`${id} is in ${namespace} and belongs to ${row.place ?? 'nowhere'}`];
  if (users.has(id) || row.versions.has(content)) return [];
  return [`${id} has a content that it never had in the source`];
}

function complaintsOfUsersWord(sight: Sight, id: string, { content }: UsersWord): string[] {
  const memory = sight.memories.get(id);
  if (content === null) return memory ? [`${id} was forgotten by a user, and is back`] : [];
  if (!memory) return [`${id} was edited by a user, and is lost`];
  return memory.content === content ? [] : [`${id} was edited by a user, and was overwritten`];
}

/** Of a migration that has come to its end, in addition. */
export function complaintsInTheEnd(platform: Platform, sight: Sight): string[] {
  return [...platform.rows.values()]
    .filter(({ deleted }) => !deleted)
    .flatMap((row) => {
      const wrong = row.place === null ? wrongOfSkipped(sight, row) : wrongOfPlanned(platform, sight, row);
      return wrong === null
        ? []
        : [`${row.id} (${row.place ?? 'skipped'}, ${row.edits} edits) ${wrong}; ${told(sight, row)}`];
    });
}

function wrongOfSkipped(sight: Sight, { id }: SourceRow): string | null {
  if (sight.memories.has(id)) return 'was to be skipped, and is in the plugin';
  return sight.ledger.get(id)?.outcome === 'skipped' ? null : 'was skipped, and the ledger does not say so';
}

function wrongOfPlanned(platform: Platform, sight: Sight, row: SourceRow): string | null {
  const { users } = platform;
  const { id, content, updatedAt } = row;
  const memory = sight.memories.get(id);
  const word = sight.ledger.get(id);
  const copy = word?.copy;
  const isUpToDate = copy !== null && copy !== undefined && copy.updatedAt === updatedAt;
  const isSettled = word?.outcome === 'written' || word?.outcome === 'adopted';
  if (word?.outcome === 'conflict')
    return users.has(id) || row.mayConflict || cannotBeSettled(platform, row, word)
      ? null
      : 'is called a conflict without a reason';
  if (!isSettled || !isUpToDate) return 'is not recorded as it is in the source now';
  if (users.has(id)) return null;
  if (!memory) return 'is lost';
  if (memory.content !== content) return 'has another content than in the source';
  return copy.digest === sight.digestOf(memory) ? null : 'is not what the ledger says it is';
}

/** It may have been stored, and edited since: where a search cannot list everything, nothing tells it from a row that is absent. */
function cannotBeSettled(platform: Platform, { place }: SourceRow, { reason, answerLost }: LedgerWord): boolean {
  return reason === 'unsettled' && answerLost && platform.isCrowded(place);
}

function told(sight: Sight, { id }: SourceRow): string {
  const word = sight.ledger.get(id);
  return word ? `the ledger says ${word.outcome} ${word.reason ?? ''}` : 'the ledger says nothing';
}
