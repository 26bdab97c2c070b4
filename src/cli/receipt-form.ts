/**
 * What the file of a receipt must look like, field for field: nothing is guessed, left out or passed over, since the old table is
 * dropped on what it says. `api-protocol/memory-backfill-receipt-v1.schema.json` says the same for others; a test holds the two together.
 *
 * The text must be the very text that was written: a reader who took the first of two equal fields would read another receipt
 * than one who takes the last.
 */
import { SKIP_REASONS } from '../model/memory.ts';
import { ALGORITHMS, MOST_UNPROVEN, type ReadReceipt, type Receipt, receiptText } from '../model/receipt.ts';
import { FINDING_KINDS, WORKSPACE_VERDICTS } from '../model/verify.ts';

/** @returns null where the value is of this form, or what is wrong; `place` is where in the receipt it stands. */
type Form = (value: unknown, place: string) => string | null;

/** Never throws; a reason repeats nothing but names of fields. */
export function parseReceipt(text: string): ReadReceipt {
  const value = json(text);
  if (value === undefined) return refused('The file is no receipt: it is no JSON, or was cut off.');
  if (!isObject(value) || !('receipt' in value)) return refused('The file is no receipt of memory-backfill.');
  if (value.receipt !== 1) {
    return refused(
      'The receipt is of another version than this memory-backfill reads: check it with the one that wrote it.',
    );
  }
  const wrong = RECEIPT(value, '');
  if (wrong !== null || !isReceipt(value)) return refused(`The receipt is damaged: ${wrong}.`);
  if (receiptText(value) !== text) {
    return refused('The receipt is not as it was written: it was laid out anew, or has a field twice.');
  }
  return { ok: true, receipt: value };
}

function refused(reason: string): ReadReceipt {
  return { ok: false, reason };
}

function isReceipt(value: unknown): value is Receipt {
  return RECEIPT(value, '') === null;
}

/** @returns undefined for what is no JSON */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// --- Forms ------------------------------------------------------------------------------------------------------------

/** Of one line: it is shown on terminals. */
const line = matching(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'no line of text');
const text: Form = (value, place) => (typeof value === 'string' ? null : `${place} is no text`);
const truth: Form = (value, place) => (typeof value === 'boolean' ? null : `${place} is neither true nor false`);
const count: Form = (value, place) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? null : `${place} is no whole number`;
const time = matching(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
  'no time in UTC',
  (value) => !Number.isNaN(Date.parse(value)),
);
const uuid = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'no UUID');

const snapshotDigest = matching(/^[0-9a-f]{128}$/, 'no digest of a source');

function matching(pattern: RegExp, what: string, holds: (value: string) => boolean = () => true): Form {
  return (value, place) =>
    typeof value === 'string' && pattern.test(value) && holds(value) ? null : `${place} is ${what}`;
}

function oneOf(...values: ReadonlyArray<string | number | null>): Form {
  return (value, place) => (values.some((known) => known === value) ? null : `${place} is not one of its values`);
}

function either(one: Form, other: Form): Form {
  return (value, place) => one(value, place) && other(value, place);
}

function listOf(form: Form, most = Number.POSITIVE_INFINITY): Form {
  return (value, place) => {
    if (!Array.isArray(value)) return `${place} is no list`;
    if (value.length > most) return `${place} is longer than ${most}`;
    for (const [index, item] of value.entries()) {
      const wrong = form(item, `${place}[${index}]`);
      if (wrong) return wrong;
    }
    return null;
  };
}

/** Each of these fields and no other. */
function record<T extends object>(forms: Record<keyof T & string, Form>): Form {
  const fields = Object.entries<Form>(forms);
  return (value, place) => {
    if (!isObject(value)) return `${place} is no object`;
    const at = (name: string) => (place === '' ? name : `${place}.${name}`);
    const known = new Set(Object.keys(forms));
    if (Object.keys(value).some((name) => !known.has(name))) return `${place || 'it'} has a field that is not known`;
    for (const [name, form] of fields) {
      const wrong = Object.hasOwn(value, name) ? form(value[name], at(name)) : `${at(name)} is missing`;
      if (wrong) return wrong;
    }
    return null;
  };
}

function counts<const Name extends string>(names: readonly Name[]): Form {
  return record(Object.fromEntries(names.map((name) => [name, count])));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const RECEIPT = record<Receipt>({
  receipt: oneOf(1),
  tool: record<Receipt['tool']>({ name: line, version: line }),
  contract: line,
  runId: uuid,
  endedAt: time,
  source: record<Receipt['source']>({ address: line, schema: line }),
  snapshot: record<Receipt['snapshot']>({
    at: time,
    rows: count,
    workspaces: count,
    digest: snapshotDigest,
    moved: truth,
  }),
  plugin: record<Receipt['plugin']>({ url: line, version: line }),
  mapping: record<Receipt['mapping']>({
    teamLevel: oneOf(null, 'parent', 'root'),
    removedWorkspaces: oneOf('skip', 'copy'),
  }),
  asked: record<Receipt['asked']>({
    workspace: either(oneOf(null), uuid),
    sample: either(oneOf(null, 'all'), count),
    seed: either(oneOf(null), text),
  }),
  population: count,
  workspaces: counts([...WORKSPACE_VERDICTS, 'sampled', 'empty']),
  rows: record<Receipt['rows']>({
    compared: count,
    matched: count,
    skipped: counts(SKIP_REASONS),
    absenceUnproven: count,
    vanished: count,
    extra: count,
    copiesUnseen: count,
  }),
  hunt: record<Receipt['hunt']>({
    known: count,
    listed: count,
    probed: count,
    uncovered: count,
    finished: truth,
    rows: record<Receipt['hunt']['rows']>({ probed: count, unsearchable: count }),
  }),
  findings: counts(FINDING_KINDS),
  unproven: listOf(text, MOST_UNPROVEN),
  allowUnproven: either(oneOf(null), count),
  accepted: listOf(uuid),
  acceptedFindings: count,
  verdict: oneOf('parity', 'no parity'),
  exitCode: count,
  algorithm: oneOf(...ALGORITHMS),
  digest: matching(/^[0-9a-f]{64}$/, 'no digest'),
});
