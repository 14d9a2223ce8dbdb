/**
 * What the benches use of their peers. The peers' own types are not on every disk: bench/ is installed on first use,
 * and the type check must pass before it. These declarations stand for them, installed or not.
 */

declare module 'async-sema' {
  export class Sema {
    constructor(permits: number)
    tryAcquire(): unknown
    acquire(): Promise<unknown>
    release(): void
  }
}

declare module 'denque' {
  export default class Denque<T> {
    push(item: T): number
    shift(): T | undefined
  }
}

declare module 'fastq' {
  type Done = (error: Error | null, result?: unknown) => void
  export default function fastq<T>(
    worker: (task: T, done: Done) => void,
    concurrency: number,
  ): { push(task: T, done?: Done): void }
}

declare module 'flatqueue' {
  export default class FlatQueue<T> {
    readonly length: number
    push(item: T, priority: number): void
    pop(): T | undefined
  }
}

declare module 'hdr-histogram-js' {
  export interface Histogram {
    readonly totalCount: number
    recordValue(value: number): void
    getValueAtPercentile(percentile: number): number
    reset(): void
  }
  export function build(options: { highestTrackableValue: number; numberOfSignificantValueDigits: number }): Histogram
}

declare module 'heap-js' {
  export class Heap<T> {
    constructor(compare: (a: T, b: T) => number)
    push(item: T): boolean
    pop(): T | undefined
    remove(item: T): boolean
  }
}

declare module 'tdigest' {
  export class TDigest {
    push(sample: number): void
    percentile(share: number): number
  }
}

declare module 'fast-glob' {
  interface Options {
    readonly cwd: string
    readonly dot: boolean
    readonly followSymbolicLinks: boolean
    readonly stats: true
  }
  export default function glob(pattern: string, options: Options): Promise<{ stats?: { size: number } }[]>
}

declare module 'fdir' {
  export class fdir {
    constructor(options: { excludeSymlinks: boolean; includeBasePath: boolean })
    crawl(root: string): { sync(): string[] }
  }
}

declare module 'piscina' {
  export class Piscina {
    constructor(options: { filename: string; minThreads: number; maxThreads: number })
    run(task: unknown): Promise<unknown>
    close(): Promise<void>
  }
}

declare module 'bullmq' {
  interface Connection {
    readonly host: string
    readonly port: number
    readonly maxRetriesPerRequest: null
  }
  export class Queue {
    constructor(name: string, options: { connection: Connection })
    addBulk(jobs: readonly { name: string; data: unknown }[]): Promise<unknown>
    close(): Promise<void>
  }
  export class Worker {
    constructor(name: string, processor: string, options: { connection: Connection; concurrency: number })
    on(event: 'completed' | 'failed' | 'error', listener: () => void): this
    close(): Promise<void>
  }
}
