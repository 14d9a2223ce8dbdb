/**
 * Finds circles in a graph, each from its first node back to it: at least one for every group of nodes that reach each other.
 *
 * Depth-first, O(nodes + edges): an edge to a node that is still open closes a circle.
 */
export function findCircles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const circles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  const trail: string[] = []
  const visit = (node: string): void => {
    state.set(node, 'open')
    trail.push(node)
    for (const next of edges.get(node) ?? []) {
      const seen = state.get(next)
      if (seen === 'open') circles.push([...trail.slice(trail.indexOf(next)), next])
      else if (seen === undefined) visit(next)
    }
    trail.pop()
    state.set(node, 'done')
  }
  for (const node of edges.keys()) if (!state.has(node)) visit(node)
  return circles
}
