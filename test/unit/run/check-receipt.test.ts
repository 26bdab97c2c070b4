/** What the check asks the source for, and what it makes of a source that cannot be asked. */
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../../src/cli/exit-code.ts';
import { RunError, type RunErrorCode } from '../../../src/model/errors.ts';
import type { SourceFacts } from '../../../src/model/run.ts';
import { type CheckReceiptRequest, checkReceipt } from '../../../src/run/check-receipt.ts';
import { receipt, SNAPSHOT } from '../model/receipts.ts';
import { report } from '../report/reports.ts';

const LATER = Date.parse(SNAPSHOT.at) + 60_000;
const PLACE = { address: 'db.test:5432/platform', schema: 'public', hasEmbedding: false, hasTag: true };

/** A source as the receipt tells of it, that writes down what it is asked. */
function source(asked: string[] = []): CheckReceiptRequest['source'] {
  return {
    shape: async () => {
      asked.push('shape');
      return {
        ...PLACE,
        hasCtid: true,
        hasXmin: true,
        memories: 'public.agent_memories',
        workspaces: 'public.workspaces',
      };
    },
    snapshot: async () => {
      asked.push('snapshot');
      return SNAPSHOT;
    },
    clock: async () => {
      asked.push('clock');
      return LATER;
    },
  };
}

async function check(values: Partial<CheckReceiptRequest> = {}) {
  const found: SourceFacts[] = [];
  const stop = new AbortController().signal;
  const ended = await checkReceipt({
    source: source(),
    stop,
    file: 'receipt.json',
    receipt: { ok: true, receipt: receipt() },
    pluginUrl: null,
    key: null,
    acceptSample: false,
    acceptSkipped: 0,
    allowUnproven: 0,
    maxAgeMs: 3_600_000,
    found: (facts) => found.push(facts),
    ...values,
  });
  const { result, error } = ended;
  const interruptedBy = values.stop?.aborted ? ('SIGINT' as const) : null;
  const told = report({
    mode: 'check-receipt',
    result,
    error: error && { code: error.code, message: error.message },
    interruptedBy,
  });
  return { ...ended, found, code: exitCode(told) };
}

test('one that holds ends in 0, with what it says, the source as it is, and its age', async () => {
  const { result, error, found, code } = await check();
  const { accepted: _accepted, ...summary } = receipt();
  expect(result).toEqual({
    mode: 'check-receipt',
    file: 'receipt.json',
    verdict: 'holds',
    reasons: [],
    receipt: summary,
    now: SNAPSHOT,
    pluginUrl: null,
    ageMs: 60_000,
  });
  expect([error, found, code]).toEqual([null, [PLACE], 0]);
});

test('the clock is read after the snapshot, which may take its time', async () => {
  const asked: string[] = [];
  await check({ source: source(asked) });
  expect(asked).toEqual(['shape', 'snapshot', 'clock']);
});

test('ids that were given up are not repeated', async () => {
  const accepted = ['7f2c1a34-5b60-4d8e-9a11-0c2d3e4f5a6b'];
  const { result } = await check({ receipt: { ok: true, receipt: receipt({ accepted }) } });
  expect(JSON.stringify(result)).not.toContain(accepted[0]);
});

test('one that cannot be read is refused, and the source is not asked', async () => {
  const asked: string[] = [];
  const { result, code } = await check({ source: source(asked), receipt: { ok: false, reason: 'It is broken.' } });
  expect(result).toMatchObject({
    verdict: 'refused',
    reasons: ['It is broken.'],
    receipt: null,
    now: null,
    ageMs: null,
  });
  expect([asked, code]).toEqual([[], 1]);
});

test('one of the plugin that is named holds, and says so; one of another is refused', async () => {
  const same = await check({ pluginUrl: 'http://plugin.test' });
  expect([same.result.verdict, same.result.pluginUrl, same.code]).toEqual(['holds', 'http://plugin.test', 0]);
  const other = await check({ pluginUrl: 'http://plugin.test/v2' });
  expect(other.result).toMatchObject({
    verdict: 'refused',
    pluginUrl: 'http://plugin.test/v2',
    reasons: ['It is of another plugin: http://plugin.test; and MEMORY_PLUGIN_URL names http://plugin.test/v2.'],
  });
  expect(other.code).toBe(1);
});

test('what it says itself and what the source says are told together', async () => {
  const given = receipt({ verdict: 'no parity', exitCode: 1 });
  const { result, code } = await check({ receipt: { ok: true, receipt: given }, maxAgeMs: 1 });
  expect([result.verdict, result.reasons.length, code]).toEqual(['refused', 2, 1]);
});

describe('where the source cannot be asked', () => {
  const broken = (part: keyof CheckReceiptRequest['source'], code: RunErrorCode) => ({
    ...source(),
    [part]: () => Promise.reject(new RunError(code, 'It is away.')),
  });

  test.each([
    ['shape', 'source', 3],
    ['snapshot', 'source', 3],
    ['clock', 'source', 3],
    ['shape', 'configuration', 2],
  ] as const)('for its %s (%s), nothing holds, and it ends in %i', async (part, error, code) => {
    const ended = await check({ source: broken(part, error) });
    expect(ended.error).toMatchObject({ code: error, message: 'It is away.' });
    expect(ended.result).toMatchObject({ verdict: 'not-checked', reasons: [], now: null, ageMs: null });
    expect(ended.code).toBe(code);
  });

  test('a receipt that speaks against itself is refused all the same', async () => {
    const given = receipt({ verdict: 'no parity', exitCode: 1 });
    const ended = await check({ source: broken('snapshot', 'source'), receipt: { ok: true, receipt: given } });
    expect(ended.result).toMatchObject({ verdict: 'refused', now: null });
    expect([ended.error?.message, ended.code]).toEqual(['It is away.', 1]);
  });

  test('because the operator said stop, nothing holds', async () => {
    const stopping = new AbortController();
    const stopped = async () => {
      stopping.abort();
      throw new RunError('source', 'This run was told to stop.');
    };
    const ended = await check({ source: { ...source(), snapshot: stopped }, stop: stopping.signal });
    expect(ended.result.verdict).toBe('not-checked');
    expect([ended.error, ended.code]).toEqual([null, 130]);
  });

  test('the exit code follows from the verdict alone, too', async () => {
    const { result } = await check({ source: broken('clock', 'source') });
    expect(exitCode(report({ mode: 'check-receipt', result }))).toBe(3);
  });

  test('because of a fault of this tool, that is thrown on', async () => {
    const faulty = { ...source(), clock: () => Promise.reject(new TypeError('No.')) };
    await expect(check({ source: faulty })).rejects.toThrow('No.');
  });
});
