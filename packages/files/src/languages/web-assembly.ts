/** What is used of WebAssembly, which every Node has and the types of none name. */
interface WebAssemblyOfHost {
  readonly Memory: new (size: {
    readonly initial: number
    readonly maximum: number
  }) => { readonly buffer: ArrayBuffer }
  readonly RuntimeError: new (message?: string) => Error
}

export const { Memory, RuntimeError } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyOfHost })
  .WebAssembly
