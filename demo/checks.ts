/** The demo believes nothing that it shows: each claim is checked, said aloud and counted. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { painted, print } from './narration.ts';

export interface Checks {
  /** Holds if what was found is what was expected, deeply. A difference is shown, and the demo goes on. */
  equal(claim: string, found: unknown, expected: unknown): void;
  /**
   * Holds if the output has all of these texts.
   *
   * @param output null where nobody but the terminal has read it: then there is nothing to check, and nothing is counted.
   */
  printed(claim: string, output: string | null, ...texts: string[]): void;
  /** The demo cannot go on: that is a failed check, too. */
  crashed(error: unknown): void;
  passed(): number;
  failed(): number;
}

export function startChecks(): Checks {
  let passed = 0;
  let failed = 0;

  function equal(claim: string, found: unknown, expected: unknown): void {
    if (isDeepStrictEqual(found, expected)) {
      passed += 1;
      print(`  ${painted('green', '✓')} ${claim}`);
    } else {
      failed += 1;
      print(`  ${painted('red', '✗')} This is not so: ${claim}. Expected ${shown(expected)}, found ${shown(found)}.`);
    }
  }

  return {
    equal,
    printed(claim, output, ...texts) {
      if (output === null) return;
      const found = texts.filter((text) => output.includes(text));
      equal(claim, found, texts);
    },
    crashed(error) {
      failed += 1;
      print(`\n  ${painted('red', '✗')} The demo could not go on. ${inspect(error)}\n`);
    },
    passed: () => passed,
    failed: () => failed,
  };
}

const SHOWN_CHARACTERS = 300;

function shown(value: unknown): string {
  const text = inspect(value, { compact: true, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 3 });
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
