/**
 * What a report does in the browser: fills itself from its data. Plain JavaScript, for it is part of the page; text is only ever put in as text. The map comes
 * behind it.
 */
export const PAGE_SCRIPT = String.raw`
'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const make = (tag, text, attributes = {}) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}
const bytesOf = (bytes) => {
  let value = bytes, unit = 0
  while (value >= 999.5 && unit < 4) { value /= 1000; unit++ }
  return (unit === 0 || value >= 99.95 ? count.format(value) : value.toFixed(1)) + ' ' + ['B', 'KB', 'MB', 'GB', 'TB'][unit]
}
const msOf = (ms) => (ms < 9.95 ? ms.toFixed(1) + ' ms' : ms < 1000 ? count.format(ms) + ' ms' : (ms / 1000).toFixed(1) + ' s')
const filesOf = (files) => count.format(files) + (files === 1 ? ' file' : ' files')
const linesOf = (lines) => count.format(lines) + (lines === 1 ? ' line' : ' lines')
const densityOf = ({ complexity, lines }) => (lines > 0 ? (1000 * complexity) / lines : 0)

const rootName = data.root.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '') || data.root
document.querySelector('h1').textContent = rootName
const finished = data.finishedMs === null ? 'not finished' : new Date(data.finishedMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
document.getElementById('about').textContent = data.root + ' · job ' + data.jobId + ' · ' + data.state + ' · ' + finished

const books = document.getElementById('books')
const { discovered, delivered, quarantined, excluded } = data.books
for (const [value, label, isBad] of [
  [count.format(discovered), 'discovered'], [count.format(delivered), 'delivered'],
  [count.format(quarantined), 'in quarantine', quarantined > 0], [count.format(excluded), 'excluded'],
  data.balanced ? ['✓', 'the books balance'] : ['✗', 'the books do not balance', true],
]) {
  const tile = books.appendChild(make('div'))
  if (isBad) tile.className = 'bad'
  tile.append(make('b', value), make('span', label))
}

const NAMES = { cpp: 'C++', csharp: 'C#', css: 'CSS', html: 'HTML', javascript: 'JavaScript', json: 'JSON', php: 'PHP', typescript: 'TypeScript', other: 'Unknown language' }
const nameOf = (language) => (Object.hasOwn(NAMES, language) ? NAMES[language] : language.charAt(0).toUpperCase() + language.slice(1))
const hues = [174, 28, 262, 340, 96, 210, 48, 300, 0, 140]
const languageBar = document.querySelector('.share')
const allBytes = data.languages.reduce((sum, { bytes }) => sum + bytes, 0)
const shown = data.languages.slice(0, 9).map((one) => ({ ...one, language: nameOf(one.language) }))
const others = data.languages.slice(9)
if (others.length > 0) {
  const sum = (key) => others.reduce((total, one) => total + one[key], 0)
  shown.push({ language: others.length + ' more', files: sum('files'), bytes: sum('bytes'), lines: sum('lines') })
}
languageBar.setAttribute('aria-label', shown.map(({ language, bytes }) => language + ' ' + bytesOf(bytes)).join(', '))
for (const [at, { language, files, bytes, lines }] of shown.entries()) {
  const colour = 'hsl(' + hues[at] + ' 48% 52%)'
  const part = languageBar.appendChild(make('i'))
  part.style.cssText = 'width:' + (allBytes > 0 ? (100 * bytes) / allBytes : 0) + '%;background:' + colour
  const entry = document.querySelector('.legend').appendChild(make('li'))
  const dot = make('i')
  dot.style.background = colour
  entry.append(dot, make('b', language), ' ' + filesOf(files) + ', ' + linesOf(lines) + ', ' + bytesOf(bytes))
}
if (shown.length === 0) document.getElementById('languages').hidden = true

/** A table of texts or elements; a share lies behind the first cell as a bar. */
function tableOf(heads, rows) {
  const table = make('table')
  const head = table.appendChild(make('thead')).appendChild(make('tr'))
  for (const [name, className] of heads) head.append(make('th', name, { scope: 'col', ...(className && { class: className }) }))
  const body = table.appendChild(make('tbody'))
  const most = rows.reduce((largest, { share = 0 }) => Math.max(largest, share), 0)
  for (const { cells, share } of rows) {
    const row = body.appendChild(make('tr'))
    cells.forEach((cell, at) => row.appendChild(make('td', undefined, heads[at][1] ? { class: heads[at][1] } : {})).append(cell))
    if (share === undefined || most === 0) continue
    row.firstChild.classList.add('bar')
    row.firstChild.style.setProperty('--share', (100 * share) / most + '%')
  }
  return table
}
/** A path on one line: what has no room goes from its folders; a name before it and a line behind, where there are. */
function where(path, { lead, line } = {}) {
  const end = path.lastIndexOf('/') + 1
  const whole = path + (line == null ? '' : ':' + line)
  const cell = make('span', undefined, { class: 'path', title: (lead === undefined ? '' : lead + '\n') + whole })
  if (lead !== undefined) cell.append(make('b', lead))
  cell.append(make('bdi', path.slice(0, end), { class: 'folder' }), make('bdi', whole.slice(end), { class: lead === undefined ? 'name' : '' }))
  return cell
}

const lists = document.querySelector('.lists')
const FIRST = 10
function list(title, heads, rows, none) {
  if (rows.length === 0 && none === undefined) return
  const section = lists.appendChild(make('section'))
  section.append(make('h2', title))
  if (rows.length === 0) { section.append(make('p', none, { class: 'empty' })); return }
  const table = section.appendChild(tableOf(heads, rows))
  const later = [...table.tBodies[0].rows].slice(FIRST)
  if (later.length === 0) return
  const more = section.appendChild(make('button', undefined, { type: 'button', class: 'more' }))
  const set = (isOpen) => {
    for (const row of later) row.hidden = !isOpen
    more.textContent = isOpen ? 'Show fewer' : 'Show ' + later.length + ' more'
    more.setAttribute('aria-expanded', String(isOpen))
  }
  more.onclick = () => set(later[0].hidden)
  set(false)
}
/** Not one file of a tree may be missing here: as many as are listed, in a box that scrolls. */
function quarantine() {
  if (data.quarantine.length === 0) return
  const section = lists.appendChild(make('section', undefined, { class: 'wide' }))
  section.append(make('h2', 'Quarantine'))
  section.append(make('p', data.quarantineCodes.map(({ code, files }) => code + ' ' + count.format(files)).join(' · '), { class: 'codes' }))
  const rows = data.quarantine.map(({ path, code, message }) => ({ cells: [path, code, message] }))
  const box = section.appendChild(make('div', undefined, { class: 'tall', tabindex: '0', role: 'region', 'aria-label': 'Files in quarantine' }))
  box.append(tableOf([['File'], ['Code', 'code'], ['Why']], rows))
  if (data.quarantineMore > 0) section.append(make('p', count.format(data.quarantineMore) + ' more are in the ledger: millrace files quarantine list', { class: 'empty' }))
}
quarantine()
list('Import hot spots', [['Module'], ['Files', 'number']], data.imports.map(({ from, files }) => ({ cells: [where(from), count.format(files)], share: files })))
list('Most complex functions', [['Function'], ['Complexity', 'number']], data.functions.map(({ path, name, line, complexity }) => ({ cells: [where(path, { lead: name, line }), count.format(complexity)], share: complexity })))
list('Slowest files', [['File'], ['Time', 'number']], data.slowest.map(({ path, ms }) => ({ cells: [where(path), msOf(ms)], share: ms })))
list('Largest files', [['File'], ['Size', 'number']], data.largest.map(({ path, bytes }) => ({ cells: [where(path), bytesOf(bytes)], share: bytes })))
list('Excluded', [['Reason'], ['Files', 'number']], data.exclusions.map(({ reason, files }) => ({ cells: [reason, count.format(files)], share: files })))
document.querySelector('footer').textContent = 'Made by millrace files report. This page stands by itself: it needs no network.'
`
