/** The same numbers for everybody, each at least 0 and below what is asked: a linear congruential generator (Numerical Recipes) over a seed. */
export function randomBelow(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
