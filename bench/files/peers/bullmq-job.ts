/** A BullMQ job in a process of its own: one file. What it returns is kept in Redis. */
import { workOn } from './work-on.ts'

export default async ({ data }: { data: { root: string; path: string } }): Promise<string> =>
  workOn(data.root, data.path)
