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

declare module 'bitecs' {
  export type World = object
  export function createWorld(): World
  export function addEntity(world: World): number
  export function removeEntity(world: World, entity: number): void
  export function addComponents(world: World, entity: number, components: readonly object[]): void
  export function query(world: World, components: readonly object[]): ArrayLike<number>
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
    peekValue(): number | undefined
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

declare module 'main-thread-scheduling' {
  export function yieldOrContinue(strategy: 'interactive' | 'smooth' | 'idle'): Promise<void>
}

declare module 'clipper2-ts' {
  export type Path = { readonly x: number; readonly y: number }[]
  export type Paths = Path[]
  export const FillRule: { readonly NonZero: number }
  export function intersect(subject: Paths, clip: Paths, fillRule: number): Paths
  export function intersectD(subject: Paths, clip: Paths, fillRule: number, precision: number): Paths
}

declare module 'martinez-polygon-clipping' {
  type Polygon = [number, number][][]
  export function intersection(subject: Polygon, clipping: Polygon): Polygon[] | null
}

declare module 'polygon-clipping' {
  type Polygon = [number, number][][]
  const polygonClipping: { intersection(subject: Polygon, clipping: Polygon): Polygon[] }
  export default polygonClipping
}

declare module 'polybooljs' {
  export interface PolyBoolPolygon {
    readonly regions: [number, number][][]
    readonly inverted: boolean
  }
  interface Segments {
    readonly inverted: boolean
  }
  interface Combined {
    readonly inverted1: boolean
  }
  const polybool: {
    segments(polygon: PolyBoolPolygon): Segments
    combine(one: Segments, other: Segments): Combined
    selectIntersect(combined: Combined): Segments
    polygon(segments: Segments): PolyBoolPolygon
  }
  export default polybool
}

declare module 'piscina' {
  interface Options {
    readonly filename: string
    readonly minThreads: number
    readonly maxThreads: number
    readonly atomics?: 'sync' | 'async' | 'disabled'
    readonly concurrentTasksPerWorker?: number
  }
  export class Piscina {
    static readonly transferableSymbol: symbol
    static readonly valueSymbol: symbol
    static move(value: object): object
    constructor(options: Options)
    run(task: unknown, options?: { readonly name?: string; readonly signal?: AbortSignal }): Promise<unknown>
    close(): Promise<void>
    destroy(): Promise<void>
  }
}

declare module 'tinypool' {
  interface Options {
    readonly runtime: 'worker_threads'
    readonly filename: string
    readonly minThreads: number
    readonly maxThreads: number
    readonly useAtomics: boolean
    readonly concurrentTasksPerWorker: number
  }
  export class Tinypool {
    static readonly transferableSymbol: symbol
    static readonly valueSymbol: symbol
    static move(value: object): object
    constructor(options: Options)
    run(task: unknown, options: { readonly name: string; readonly signal?: AbortSignal }): Promise<unknown>
    destroy(): Promise<void>
  }
}

declare module 'workerpool' {
  interface Options {
    readonly workerType: 'thread'
    readonly minWorkers: number
    readonly maxWorkers: number
  }
  interface Call extends PromiseLike<unknown> {
    cancel(): unknown
  }
  const workerpool: {
    pool(
      script: string,
      options: Options,
    ): {
      exec(method: string, params: readonly unknown[]): Call
      terminate(force: boolean): PromiseLike<void>
    }
    worker(methods: Readonly<Record<string, unknown>>): void
  }
  export default workerpool
}

declare module 'poolifier' {
  export type WorkerChoiceStrategy = 'ROUND_ROBIN' | 'LEAST_USED'
  interface Options {
    readonly workerChoiceStrategy: WorkerChoiceStrategy
    readonly enableTasksQueue: boolean
    readonly enableEvents: boolean
  }
  export class FixedThreadPool {
    constructor(threads: number, script: string, options: Options)
    execute(data: unknown, name: string, signal?: AbortSignal): Promise<unknown>
    destroy(): Promise<void>
  }
  export class ThreadWorker {
    constructor(tasks: Readonly<Record<string, unknown>>)
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

declare module 'dataloader' {
  export default class DataLoader<Key, Value> {
    constructor(
      load: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>,
      options: { readonly cache: boolean; readonly maxBatchSize: number },
    )
    load(key: Key): Promise<Value>
  }
}

declare module '@tanstack/pacer/async-batcher' {
  export class AsyncBatcher<Item> {
    constructor(
      write: (items: Item[]) => Promise<unknown>,
      options: { readonly maxSize: number; readonly wait?: number },
    )
    addItem(item: Item): Promise<unknown>
  }
}

declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream'
  import type { Connection, Submittable } from 'pg'
  export function from(text: string): Writable & Submittable & { submit(connection: Connection): void }
}

declare module 'undici' {
  interface Request {
    readonly path: string
    readonly method: 'GET'
    readonly reset: boolean
    readonly headersTimeout: number
    readonly bodyTimeout: number
  }
  interface Handler {
    onRequestStart(): void
    onResponseStart(controller: object, status: number): void
    onResponseData(): void
    onResponseEnd(): void
    onResponseError(controller: object, error: Error): void
  }
  export class Pool {
    constructor(origin: string, options: { readonly connections: number; readonly pipelining: number })
    dispatch(request: Request, handler: Handler): boolean
    request(request: Pick<Request, 'path' | 'method'>): Promise<{ readonly body: { text(): Promise<string> } }>
    destroy(): Promise<void>
  }
}
