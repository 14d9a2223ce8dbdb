import { expect, test } from 'vitest'
import { reportPage } from '../../src/report/report-page.ts'
import { HOSTILE, sampleReport } from './sample-report.ts'

test('what comes from files stays text: no tag of theirs is in the page', () => {
  const page = reportPage(sampleReport())
  expect(page.match(/<script/g)).toHaveLength(2)
  expect(page.match(/<\/script/g)).toHaveLength(2)
  expect(page).not.toContain('<img')
  expect(page).not.toContain('<!--')
  expect(page).not.toContain('\u2028')
  expect(page.match(/<title>(.*)<\/title>/)?.[1]).not.toContain('<')
})

test('and it is there, whole', () => {
  const data = sampleReport()
  const json = reportPage(data).match(/<script id="data" type="application\/json">(.*)<\/script>/)![1]!
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(data)))
  expect(JSON.parse(json).quarantine[0].message).toBe(HOSTILE.message)
})

test('the page asks nothing of anybody', () => {
  const page = reportPage(sampleReport())
  expect(page.replace(/<script id="data".*?<\/script>/s, '')).not.toMatch(/https?:|\bsrc=|@import|url\(/)
  expect(page).toContain("default-src 'none'")
})
