import { RuleSieve } from '../../../src/discovery/rule-sieve.ts'

/** Broken on purpose: sees only the patterns that have no wildcard. */
export class BlindSieve extends RuleSieve {
  constructor(text: string) {
    super(
      text
        .split('\n')
        .filter((line) => !/[*?[]/.test(line))
        .join('\n'),
    )
  }
}
