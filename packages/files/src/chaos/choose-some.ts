/** So many of the items, chosen by chance and kept in their order; all of them where there are no more. */
export function chooseSome<T>(items: readonly T[], count: number, random: () => number): T[] {
  const chosen: T[] = []
  for (const [index, item] of items.entries()) {
    // Selection sampling: each set of that size is as likely as any other (Knuth, TAOCP 2, 3.4.2, algorithm S).
    if (random() * (items.length - index) < count - chosen.length) chosen.push(item)
  }
  return chosen
}
