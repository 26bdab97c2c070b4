/** Of which conflicts a crash test takes the word of the run, and of which it does not. */
import { expect, test } from 'vitest';
import { complaintsInTheEnd } from '../../support/chaos-judgement.ts';
import type { LedgerWord, Platform, Sight, SourceRow } from '../../support/chaos-platform.ts';

const ROW: SourceRow = {
  id: 'a1',
  place: 'workspace:w',
  content: 'The key is under the mat.',
  updatedAt: null,
  versions: new Set(),
  edits: 0,
  deleted: false,
  mayConflict: false,
};
const UNHEARD: LedgerWord = { outcome: 'conflict', reason: 'unsettled', copy: null, answerLost: true };

const nothing = () => Promise.resolve();

function complaints(word: Partial<LedgerWord>, { isCrowded = true, row = ROW, edited = false } = {}): number {
  const sight: Sight = {
    memories: new Map(),
    namespaces: [],
    ledger: new Map([[ROW.id, { ...UNHEARD, ...word }]]),
    unrecorded: new Set(),
    digestOf: () => '',
  };
  const platform: Platform = {
    rows: new Map([[ROW.id, row]]),
    users: new Map(edited ? [[ROW.id, { content: 'Under the pot.', edits: 1 }]] : []),
    made: new Map(),
    isCrowded: () => isCrowded,
    see: () => Promise.resolve(sight),
    addRows: nothing,
    happenings: nothing,
    quarrel: nothing,
  };
  return complaintsInTheEnd(platform, sight).length;
}

test.each<[string, number]>([
  ['whose answer was lost, in a namespace that no search lists whole, may stay unsettled', complaints({})],
  ['that a user has edited may be a conflict', complaints({ answerLost: false, reason: 'edited' }, { edited: true })],
  [
    'that was edited while nobody knew what the plugin holds may be a conflict',
    complaints({ answerLost: false }, { row: { ...ROW, mayConflict: true } }),
  ],
])('a row %s', (_, found) => {
  expect(found).toBe(0);
});

test.each<[string, number]>([
  ['was never left without an answer', complaints({ answerLost: false })],
  ['could be seen in a listing', complaints({}, { isCrowded: false })],
  ['is said to be somebody else’s', complaints({ reason: 'foreign' })],
])('no row may be a conflict that %s', (_, found) => {
  expect(found).toBe(1);
});
