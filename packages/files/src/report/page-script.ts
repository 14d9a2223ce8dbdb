/**
 * What a report does in the browser: fills itself from its data, and goes from folder to folder. Plain JavaScript, for it is part of the page; text is only ever
 * put in as text.
 *
 * The map is a squarified treemap: M. Bruls, K. Huizing, J. van Wijk, Squarified Treemaps, 2000.
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
const filesOf = (files) => count.format(files) + (files === 1 ? ' file' : ' files')
const linesOf = (lines) => count.format(lines) + (lines === 1 ? ' line' : ' lines')
const densityOf = ({ complexity, lines }) => (lines > 0 ? (1000 * complexity) / lines : 0)

const rootName = data.root.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '') || data.root
document.querySelector('h1').textContent = rootName
const finished = data.finishedMs === null ? 'not finished' : new Date(data.finishedMs).toLocaleString()
document.getElementById('about').textContent = data.root + ' · job ' + data.jobId + ' · ' + data.state + ' · ' + finished

const books = document.getElementById('books')
for (const [label, value, isBad] of [
  ['discovered', data.books.discovered], ['delivered', data.books.delivered],
  ['in quarantine', data.books.quarantined, data.books.quarantined > 0], ['excluded', data.books.excluded],
]) {
  const tile = books.appendChild(make('div'))
  if (isBad) tile.className = 'bad'
  tile.append(make('b', count.format(value)), make('span', label))
}
const balance = books.appendChild(make('div'))
if (!data.balanced) balance.className = 'bad'
balance.append(make('b', data.balanced ? '✓' : '✗'), make('span', data.balanced ? 'the books balance' : 'the books do not balance'))

const hues = [174, 28, 262, 340, 96, 210, 48, 300, 0, 140]
const languageBar = document.querySelector('.share')
const allBytes = data.languages.reduce((sum, { bytes }) => sum + bytes, 0)
const shown = data.languages.slice(0, 9)
const others = data.languages.slice(9)
if (others.length > 0) {
  const sum = (key) => others.reduce((total, one) => total + one[key], 0)
  shown.push({ language: 'others', files: sum('files'), bytes: sum('bytes'), lines: sum('lines') })
}
languageBar.setAttribute('aria-label', shown.map(({ language, bytes }) => language + ' ' + bytesOf(bytes)).join(', '))
for (const [at, { language, files, bytes, lines }] of shown.entries()) {
  const colour = 'hsl(' + hues[at] + ' 48% 52%)'
  const part = languageBar.appendChild(make('i'))
  part.style.cssText = 'width:' + (allBytes > 0 ? (100 * bytes) / allBytes : 0) + '%;background:' + colour
  const entry = document.querySelector('.legend').appendChild(make('li'))
  const dot = make('i')
  dot.style.background = colour
  entry.append(dot, language + ': ' + filesOf(files) + ', ' + linesOf(lines) + ', ' + bytesOf(bytes))
}
if (shown.length === 0) document.getElementById('languages').hidden = true

/** The densities between which colours run: what nine of ten files have. */
const densities = []
const collect = (node) => { if (node.parts) node.parts.forEach(collect); else if (node.lines > 0) densities.push(densityOf(node)) }
collect(data.tree)
densities.sort((a, b) => a - b)
const low = densities[Math.floor(densities.length * 0.05)] ?? 0
const high = Math.max(low + 1, densities[Math.floor(densities.length * 0.95)] ?? 1)
document.getElementById('ramp-low').textContent = count.format(low)
document.getElementById('ramp-high').textContent = count.format(high)
const isDark = matchMedia('(prefers-color-scheme: dark)').matches
const paint = (element, node) => {
  const share = Math.min(1, Math.max(0, (densityOf(node) - low) / (high - low)))
  element.style.background = 'color-mix(in oklab, var(--high) ' + 100 * share + '%, var(--low))'
  element.style.setProperty('--tile-ink', isDark || share > 0.6 ? '#fff' : '#16191c')
}

/** Lays out sizes, the largest first, in a box: rows along its shorter side, as square as they come. */
function squarify(sizes, box) {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const scale = total > 0 ? (box.w * box.h) / total : 0
  const places = []
  let { x, y, w, h } = box
  for (let at = 0; at < sizes.length; ) {
    const side = Math.min(w, h)
    let area = 0, end = at, worst = Infinity
    while (end < sizes.length) {
      const next = area + sizes[end] * scale
      const row = next / side
      const ratio = Math.max(...[sizes[at], sizes[end]].map((size) => { const length = (size * scale) / row; return Math.max(length / row, row / length) }))
      if (ratio > worst) break
      worst = ratio
      area = next
      end++
    }
    if (end === at) { area = sizes[at] * scale; end++ }
    const row = side > 0 ? area / side : 0
    let along = 0
    for (; at < end; at++) {
      const length = row > 0 ? (sizes[at] * scale) / row : 0
      places.push(w >= h ? { x, y: y + along, w: row, h: length } : { x: x + along, y, w: length, h: row })
      along += length
    }
    if (w >= h) { x += row; w -= row } else { y += row; h -= row }
  }
  return places
}

const tiles = document.querySelector('.tiles')
const trail = document.querySelector('nav')
const MOST_TILES = 300
const HEAD = 24
/** What lies in a folder, in the tile of it. */
function fill(tile, node, box, depth) {
  const parts = node.parts.filter(({ bytes }) => bytes > 0).slice(0, 60)
  const places = squarify(parts.map(({ bytes }) => bytes), box)
  parts.forEach((part, at) => {
    const { x, y, w, h } = places[at]
    if (w < 3 || h < 3) return
    const inner = tile.appendChild(make('i'))
    inner.style.cssText = 'left:' + x + 'px;top:' + y + 'px;width:' + w + 'px;height:' + h + 'px'
    paint(inner, part)
    if (w > 60 && h > 22) inner.append(make('span', part.name + (part.parts ? '/' : '')))
    if (part.parts && depth > 0 && w > 60 && h > 60) fill(inner, part, { x: 0, y: HEAD, w: w - 2, h: h - HEAD - 2 }, depth - 1)
  })
}
let way = [data.tree]
function show(focus) {
  const folder = way.at(-1)
  trail.replaceChildren(...way.flatMap((node, at) => {
    const button = make('button', at === 0 ? rootName : node.name, { type: 'button' })
    if (at === way.length - 1) button.setAttribute('aria-current', 'location')
    else button.onclick = () => { way = way.slice(0, at + 1); show(true) }
    return at === 0 ? [button] : ['/', button]
  }), ' ' + filesOf(folder.files) + ', ' + bytesOf(folder.bytes))
  const parts = (folder.parts ?? []).filter(({ bytes }) => bytes > 0)
  const kept = parts.slice(0, MOST_TILES)
  const rest = parts.slice(MOST_TILES)
  if (rest.length > 0) {
    const sum = (key) => rest.reduce((total, one) => total + one[key], 0)
    kept.push({ name: count.format(rest.length) + ' smaller ones', files: sum('files'), bytes: sum('bytes'), lines: sum('lines'), complexity: sum('complexity') })
  }
  const box = { x: 0, y: 0, w: tiles.clientWidth, h: tiles.clientHeight }
  const places = squarify(kept.map(({ bytes }) => bytes), box)
  tiles.replaceChildren(...kept.map((node, at) => {
    const { x, y, w, h } = places[at]
    const facts = bytesOf(node.bytes) + ', ' + linesOf(node.lines) + ', complexity ' + count.format(node.complexity) + (node.files > 1 ? ', ' + filesOf(node.files) : '')
    const label = node.name + (node.parts ? '/' : '')
    const tile = make('button', undefined, { type: 'button', title: label + '\n' + facts, 'aria-label': label + ': ' + facts })
    tile.style.cssText = 'left:' + x + 'px;top:' + y + 'px;width:' + w + 'px;height:' + h + 'px'
    paint(tile, node)
    if (w > 34 && h > 20) tile.append(make('span', label))
    const hasRoom = w > 70 && h > 70
    if (node.parts && hasRoom) fill(tile, node, { x: 0, y: HEAD, w: w - 2, h: h - HEAD - 2 }, 1)
    else if (w > 70 && h > 42) tile.append(make('small', bytesOf(node.bytes)))
    if (node.parts) {
      tile.className = 'folder'
      tile.onclick = () => { way = [...way, node]; show(true) }
    }
    return tile
  }))
  if (kept.length === 0) tiles.replaceChildren(make('p', 'No file here has a size.', { class: 'empty' }))
  if (focus) (tiles.querySelector('button') ?? trail.querySelector('button')).focus()
}
tiles.addEventListener('keydown', (event) => {
  if ((event.key === 'Backspace' || event.key === 'Escape') && way.length > 1) { event.preventDefault(); way = way.slice(0, -1); show(true) }
})
addEventListener('resize', () => show(false))
show(false)

const lists = document.querySelector('.lists')
function list(title, heads, rows, { none, wide = false, tall = false, note } = {}) {
  const section = lists.appendChild(make('section'))
  if (wide) section.className = 'wide'
  section.append(make('h2', title))
  if (rows.length === 0) { section.append(make('p', none ?? 'None.', { class: 'empty' })); return }
  const holder = tall ? section.appendChild(make('div', undefined, { class: 'tall', tabindex: '0' })) : section
  const table = holder.appendChild(make('table'))
  const head = table.appendChild(make('thead')).appendChild(make('tr'))
  for (const [name, className] of heads) head.append(make('th', name, { scope: 'col', ...(className && { class: className }) }))
  const body = table.appendChild(make('tbody'))
  const most = Math.max(...rows.map(({ share = 0 }) => share))
  for (const { cells, share } of rows) {
    const row = body.appendChild(make('tr'))
    cells.forEach((cell, at) => {
      const td = row.appendChild(make('td', cell, heads[at][1] ? { class: heads[at][1] } : {}))
      if (at === 0 && share !== undefined && most > 0) {
        const bar = td.appendChild(make('span', undefined, { class: 'bar' }))
        bar.style.width = Math.max(1, (100 * share) / most) + '%'
      }
    })
  }
  if (note) section.append(make('p', note, { class: 'empty' }))
}
const ms = (value) => (value < 1000 ? value.toFixed(1) + ' ms' : (value / 1000).toFixed(1) + ' s')
if (data.quarantine.length > 0) {
  list('Quarantine', [['File'], ['Code', 'code'], ['Why']], data.quarantine.map(({ path, code, message }) => ({ cells: [path, code, message] })),
    { wide: true, tall: true, note: data.quarantineMore > 0 ? count.format(data.quarantineMore) + ' more are in the ledger.' : undefined })
}
list('Import hot spots', [['Module'], ['Files', 'number']], data.imports.map(({ from, files }) => ({ cells: [from, count.format(files)], share: files })), { none: 'No file names another.' })
list('Most complex functions', [['Function'], ['Complexity', 'number']], data.functions.map(({ path, name, line, complexity }) => ({ cells: [name + '  ' + path + (line === null ? '' : ':' + line), count.format(complexity)], share: complexity })))
list('Slowest files', [['File'], ['Time', 'number']], data.slowest.map(({ path, ms: time }) => ({ cells: [path, ms(time)], share: time })))
list('Largest files', [['File'], ['Size', 'number']], data.largest.map(({ path, bytes }) => ({ cells: [path, bytesOf(bytes)], share: bytes })))
if (data.exclusions.length > 0) {
  list('Excluded', [['Reason'], ['Files', 'number']], data.exclusions.map(({ reason, files }) => ({ cells: [reason, count.format(files)], share: files })))
}
document.querySelector('footer').textContent = 'Made by millrace files report. This page stands by itself: it needs no network.'
`
