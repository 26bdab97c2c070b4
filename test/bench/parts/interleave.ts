/**
 * A B A B: what is compared takes turns within the same minutes, so that what else the machine does falls on all alike. Every
 * second round runs backwards, since whoever comes first in each would have the warmer or the colder machine each time.
 */

export interface Contestant<Result> {
  readonly name: string;
  /** One for each round that is over. Throws what its turn threw, where one did. */
  readonly results: readonly Result[];
  /** One that has failed has no further turn: the others go on, and only what is compared with it is not known. */
  turn(): Promise<void>;
}

export function contestant<Result>(name: string, run: () => Promise<Result>): Contestant<Result> {
  const results: Result[] = [];
  let failure: { error: unknown } | null = null;
  return {
    name,
    get results() {
      if (failure) throw failure.error;
      return results;
    },
    async turn() {
      if (failure) return;
      try {
        results.push(await run());
      } catch (error) {
        failure = { error };
      }
    },
  };
}

/** @param told before each turn, with the round (from 1) and whose turn it is */
export async function interleave(
  rounds: number,
  contestants: ReadonlyArray<Pick<Contestant<unknown>, 'name' | 'turn'>>,
  told: (round: number, name: string) => void,
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const { name, turn } of round % 2 ? contestants : contestants.toReversed()) {
      told(round, name);
      await turn();
    }
  }
}
