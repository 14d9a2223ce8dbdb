import {
  boolean,
  type Codec,
  defineTask,
  float32Array,
  float64Array,
  int8Array,
  int16Array,
  int32Array,
  list,
  number,
  optional,
  record,
  string,
  type Task,
  uint8Array,
  uint16Array,
  uint32Array,
} from '../../src/index.ts'

interface Sample {
  readonly codec: Codec<unknown>
  readonly values: readonly unknown[]
}

const numbers = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53]
const point = record({ x: number, y: number, tag: optional(string) })

/** Values by the codec they travel by, among them those with which codecs go wrong. */
export const samples: Readonly<Record<string, Sample>> = {
  number: { codec: number, values: numbers },
  boolean: { codec: boolean, values: [true, false] },
  string: { codec: string, values: ['', 'plain', 'naïve', 'a 🏞️ river', '\ud800 half', 'long '.repeat(9999)] },
  float64Array: { codec: float64Array, values: [new Float64Array(), Float64Array.from(numbers)] },
  float32Array: { codec: float32Array, values: [Float32Array.from(numbers), new Float32Array(3000).fill(0.1)] },
  int32Array: { codec: int32Array, values: [Int32Array.of(-1, 0, 2 ** 31 - 1)] },
  uint32Array: { codec: uint32Array, values: [Uint32Array.of(0, 2 ** 32 - 1)] },
  int16Array: { codec: int16Array, values: [Int16Array.of(-1, 0, 1)] },
  uint16Array: { codec: uint16Array, values: [Uint16Array.of(65_535)] },
  int8Array: { codec: int8Array, values: [Int8Array.of(-128, 127, 0)] },
  uint8Array: { codec: uint8Array, values: [Uint8Array.of(255, 0, 1, 2, 3), new Uint8Array(300_001).fill(7)] },
  record: {
    codec: point,
    values: [
      { x: 1, y: -0, tag: undefined },
      { x: Number.NaN, y: 2, tag: 'a' },
    ],
  },
  list: { codec: list(point), values: [[], [{ x: 1, y: 2, tag: 'b' }]] },
  optional: { codec: optional(number), values: [undefined, 3] },
}

/** A task for each codec, which gives back what it was given. */
export const echoes: Readonly<Record<string, Task<unknown, unknown>>> = Object.fromEntries(
  Object.entries(samples).map(([name, { codec }]) => [
    echoOf(name),
    defineTask({ run: (value) => value, input: codec, output: codec }),
  ]),
)

export function echoOf(codec: string): string {
  return `echo ${codec}`
}
