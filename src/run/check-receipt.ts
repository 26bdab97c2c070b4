/**
 * `--check-receipt`: does a verify's receipt still hold? This is the line before the old table is dropped, so everything that
 * speaks against it is told, not just the first. It reads the source and nothing else: no ledger, and no plugin, which only has to be
 * the one that was verified, by its address.
 */
import type { CheckReceiptResult, ReadReceipt } from '../model/receipt.ts';
import type { SourceFacts } from '../model/run.ts';
import type { LegacySource } from '../source/legacy-source.ts';
import { againstItself, againstNow, againstPlugin, ageOf, type Present, type Terms } from '../verify/receipt.ts';
import { type Ended, untilError } from './context.ts';

export interface CheckReceiptRequest extends Terms {
  source: Pick<LegacySource, 'shape' | 'snapshot' | 'clock'>;
  stop: AbortSignal;
  /** Where the receipt was read from, for the report. */
  file: string;
  receipt: ReadReceipt;
  /** The plugin that MEMORY_PLUGIN_URL names, written as a verify writes it; null where it names none. */
  pluginUrl: string | null;
  /** Told which source is asked. */
  found(source: SourceFacts): void;
}

/** A receipt that is refused already is held against the source all the same; one that could not be read is not. */
export async function checkReceipt(request: CheckReceiptRequest): Promise<Ended<CheckReceiptResult>> {
  const { file, receipt: read, pluginUrl } = request;
  const nothing = { mode: 'check-receipt', file, receipt: null, now: null, pluginUrl, ageMs: null } as const;
  if (!read.ok) return { result: { ...nothing, verdict: 'refused', reasons: [read.reason] }, error: null };

  const { receipt } = read;
  const { accepted: _accepted, ...summary } = receipt;
  let present: Present | null = null;
  const error = await untilError(request.stop, async () => {
    present = await lookAt(request);
  });
  return { result: judge(present), error };

  function judge(present: Present | null): CheckReceiptResult {
    const reasons = [
      ...againstItself(receipt, request),
      ...againstPlugin(receipt, pluginUrl),
      ...(present ? againstNow(receipt, present, request) : []),
    ];
    const held = present ? 'holds' : 'not-checked';
    return {
      ...nothing,
      verdict: reasons.length > 0 ? 'refused' : held,
      reasons,
      receipt: summary,
      now: present ? present.snapshot : null,
      ageMs: present ? ageOf(receipt, present) : null,
    };
  }
}

/** @throws RunError `configuration`, `source` */
async function lookAt({ source, found }: CheckReceiptRequest): Promise<Present> {
  const { address, schema, hasEmbedding, hasTag } = await source.shape();
  found({ address, schema, hasEmbedding, hasTag });
  const snapshot = await source.snapshot();
  return { address, schema, snapshot, clock: await source.clock() };
}
