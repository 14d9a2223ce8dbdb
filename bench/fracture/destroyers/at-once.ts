import { fracturePolygon } from '@millrace/fracture'
import type { DestroyerKind } from './destroyer.ts'

/** No threads and no frames: what is broken is cut where it stands. */
export const atOnce: DestroyerKind = {
  name: 'at once on the main thread',
  open: () => ({
    destroy: ({ polygon, params }, onResult) => onResult(fracturePolygon(polygon, params)),
    frame: () => {},
    close: async () => {},
  }),
}
