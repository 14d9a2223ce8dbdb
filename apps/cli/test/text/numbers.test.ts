import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatEta,
  formatItems,
  formatMegabytes,
  formatMs,
  formatRough,
  formatSeconds,
  formatShare,
  formatThroughput,
} from '../../src/text/numbers.ts'

describe('numbers for people', () => {
  it.each([
    [formatCount(0), '0'],
    [formatCount(25_431.4), '25,431'],
    [formatItems(1, 'file'), '1 file'],
    [formatItems(0, 'batch', 'batches'), '0 batches'],
    [formatItems(1200, 'file'), '1,200 files'],
  ])('counts: %s', (given, expected) => expect(given).toBe(expected))

  it.each([
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [7300, '2 h'],
    [200_000, '2 d'],
  ])('roughly: %d s', (given, expected) => expect(formatRough(given)).toBe(expected))

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1.0 KB'],
    [4_100, '4.1 KB'],
    [99_960, '100 KB'],
    [999_600, '1.0 MB'],
    [83_200_000, '83.2 MB'],
    [2e15, '2000 TB'],
  ])('%d bytes is %s', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected))

  it.each([
    [0, '0 ms'],
    [0.0384, '38 ms'],
    [0.9996, '1.0 s'],
    [7.12, '7.1 s'],
    [59.96, '1 min 0 s'],
    [192, '3 min 12 s'],
    [3599.6, '1 h 0 min'],
    [7500, '2 h 5 min'],
    [172_769, '47 h 59 min'],
    [172_800, '2 d 0 h'],
    [2_501_580, '28 d 23 h'],
  ])('%d seconds is %s', (seconds, expected) => expect(formatSeconds(seconds)).toBe(expected))

  it.each([
    [0, 0, '100.0 %'],
    [0, 9, '0.0 %'],
    [1, 1_000_000, '< 0.1 %'],
    [573, 1000, '57.3 %'],
    [999_999, 1_000_000, '99.9 %'],
    [7, 7, '100.0 %'],
  ])('%d of %d is %s', (part, whole, expected) => expect(formatShare(part, whole)).toBe(expected))

  it('gives rates, memory and short times their units', () => {
    expect(formatThroughput(21.34)).toBe('21.3 MB/s')
    expect(formatThroughput(1234.5)).toBe('1,235 MB/s')
    expect(formatMegabytes(612.4)).toBe('612 MB')
    expect(formatMegabytes(1900)).toBe('1.9 GB')
    expect(formatMs(0.84)).toBe('0.8 ms')
    expect(formatMs(812)).toBe('812 ms')
    expect(formatEta(4.2)).toBe('5 s')
    expect(formatEta(192)).toBe('3 min 12 s')
  })
})
