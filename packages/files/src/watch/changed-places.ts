/** What decides where a change is felt. */
export interface PlaceRules {
  /** More changed paths than these are many: then all of the tree is looked at. */
  readonly fewPaths: number
  /** Whether `.gitignore` files are heeded. */
  readonly gitignore: boolean
  /** Whether a file may be reached by a way of which no watcher tells. */
  readonly followSymlinks: boolean
}

/** How a name that is not UTF-8 is told. */
const REPLACEMENT = '\ufffd'

/**
 * The places of a tree where a run has to look because these paths changed, or undefined where it has to look at all of it. Pure.
 * @param changed Below the root, with `/` between their parts; empty where nobody knows what changed.
 */
export function changedPlaces(changed: ReadonlySet<string>, rules: PlaceRules): readonly string[] | undefined {
  if (changed.size === 0 || changed.size > rules.fewPaths || rules.followSymlinks) return undefined
  const places = Array.from(changed, (path) => placeOf(path, rules))
  return places.includes('') ? undefined : places
}

function placeOf(path: string, { gitignore }: PlaceRules): string {
  const parts = path.split('/')
  const unnamed = parts.findIndex((part) => part.includes(REPLACEMENT))
  if (unnamed >= 0) return parts.slice(0, unnamed).join('/')
  // What it says holds in its folder, and below.
  return gitignore && parts.at(-1) === '.gitignore' ? parts.slice(0, -1).join('/') : path
}
