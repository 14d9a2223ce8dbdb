/** A processor that takes its time without a core: so that eight workers are eight times as fast on a machine that has two. */
export default {
  name: 'waits',
  version: '1',
  match: ({ kind }) => kind === 'source',
  process: async ({ bytes }) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return { bytes: bytes.length }
  },
}
