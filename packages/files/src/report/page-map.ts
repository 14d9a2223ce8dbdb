/**
 * The map of a report, in the browser: a tile for each part of a folder, as large as its files and coloured by how much they decide, to be gone through by mouse
 * or keyboard; and the same as a table, for who sees no map. Stands on what the page's script has before it.
 *
 * A squarified treemap: M. Bruls, K. Huizing, J. van Wijk, Squarified Treemaps, 2000.
 */
export const PAGE_MAP = String.raw`
/** The densities between which colours run: what nine of ten files have. */
const densities = []
const collect = (node) => { if (node.parts) node.parts.forEach(collect); else if (node.lines > 0) densities.push(densityOf(node)) }
collect(data.tree)
densities.sort((a, b) => a - b)
const low = densities[Math.floor(densities.length * 0.05)] ?? 0
const high = Math.max(low + 1, densities[Math.floor(densities.length * 0.95)] ?? 1)
document.getElementById('ramp-low').textContent = count.format(low)
document.getElementById('ramp-high').textContent = count.format(high)
const dark = matchMedia('(prefers-color-scheme: dark)')
const RAMPS = { light: [[207, 228, 224], [243, 223, 178], [196, 74, 38]], dark: [[33, 56, 60], [104, 82, 52], [214, 100, 62]] }
/** A colour of the ramp, and black or white on it, whichever is seen better: one of them always has a contrast of 4.5. */
const coloursOf = (share) => {
  const ramp = RAMPS[dark.matches ? 'dark' : 'light']
  const at = Math.min(1, Math.max(0, share)) * 2
  const [from, to] = at < 1 ? [ramp[0], ramp[1]] : [ramp[1], ramp[2]]
  const paper = from.map((part, index) => Math.round(part + (to[index] - part) * (at < 1 ? at : at - 1)))
  const [r, g, b] = paper.map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4))
  return { paper: 'rgb(' + paper.join(' ') + ')', ink: 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff' }
}
const paint = (element, node) => {
  const { paper, ink } = coloursOf((densityOf(node) - low) / (high - low))
  element.style.background = paper
  element.style.color = ink
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
const told = document.getElementById('told')
const asTable = document.getElementById('as-table')
const MOST_TILES = 300
const HEAD = 24
const labelOf = (node) => node.name + (node.parts ? '/' : '')
const factsOf = (node) => [bytesOf(node.bytes), linesOf(node.lines), 'complexity ' + count.format(node.complexity), ...(node.files > 1 ? [filesOf(node.files)] : [])].join(', ')
const sized = (parts = []) => parts.filter(({ bytes }) => bytes > 0)
const place = (element, { x, y, w, h }) => { element.style.cssText = 'left:' + x + 'px;top:' + y + 'px;width:' + w + 'px;height:' + h + 'px' }

/** What lies in a folder, in the tile of it. */
function fill(tile, node, box, depth) {
  const parts = sized(node.parts).slice(0, 60)
  const places = squarify(parts.map(({ bytes }) => bytes), box)
  parts.forEach((part, at) => {
    const { w, h } = places[at]
    if (w < 3 || h < 3) return
    const inner = tile.appendChild(make('i'))
    place(inner, places[at])
    paint(inner, part)
    if (w > 60 && h > 22) inner.append(make('span', labelOf(part)))
    if (part.parts && depth > 0 && w > 60 && h > 60) fill(inner, part, { x: 0, y: HEAD, w: w - 2, h: h - HEAD - 2 }, depth - 1)
  })
}

let way = [data.tree]
const enter = (node) => { way = [...way, node]; show() }
const leave = (depth) => { const left = way[depth]; way = way.slice(0, depth); show(left) }

/** What the folder has as tiles: all that are large enough to be seen, and the others as one. */
function partsOf(folder) {
  const parts = sized(folder.parts)
  const rest = parts.slice(MOST_TILES)
  const sum = (key) => rest.reduce((total, one) => total + one[key], 0)
  const others = { name: count.format(rest.length) + ' smaller ones', files: sum('files'), bytes: sum('bytes'), lines: sum('lines'), complexity: sum('complexity') }
  return rest.length > 0 ? [...parts.slice(0, MOST_TILES), others] : parts
}

/** Draws the folder at the end of the way. The focus goes to the tile of focus, or to the first; nowhere where it is null. */
function show(focus) {
  const folder = way.at(-1)
  trail.replaceChildren(...way.flatMap((node, at) => {
    const button = make('button', at === 0 ? rootName : node.name, { type: 'button' })
    if (at === way.length - 1) button.setAttribute('aria-current', 'location')
    else button.onclick = () => leave(at + 1)
    return at === 0 ? [button] : ['/', button]
  }), make('span', ' ' + filesOf(folder.files) + ', ' + bytesOf(folder.bytes)))
  const parts = partsOf(folder)
  const places = squarify(parts.map(({ bytes }) => bytes), { x: 0, y: 0, w: tiles.clientWidth, h: tiles.clientHeight })
  const buttons = parts.map((node, at) => {
    const { w, h } = places[at]
    const label = labelOf(node)
    // One stop for the tabulator; arrows go from tile to tile.
    const tile = make('button', undefined, { type: 'button', tabindex: '-1', title: label + '\n' + factsOf(node), 'aria-label': label + ': ' + factsOf(node) })
    place(tile, places[at])
    paint(tile, node)
    if (w > 34 && h > 20) tile.append(make('span', label))
    if (node.parts && w > 70 && h > 70) fill(tile, node, { x: 0, y: HEAD, w: w - 2, h: h - HEAD - 2 }, 1)
    else if (w > 70 && h > 42) tile.append(make('small', bytesOf(node.bytes)))
    tile.onfocus = () => { stop.tabIndex = -1; stop = tile; tile.tabIndex = 0; tell(node) }
    tile.onmouseenter = () => tell(node)
    if (node.parts) {
      tile.className = 'folder'
      tile.onclick = () => enter(node)
    }
    return tile
  })
  let stop = buttons[Math.max(0, parts.indexOf(focus))]
  if (stop) stop.tabIndex = 0
  tiles.replaceChildren(...buttons)
  told.textContent = ''
  if (asTable.open) fillTable()
  if (focus !== null) (stop ?? trail.querySelector('button')).focus()
}
function tell(node) {
  told.textContent = [...way.slice(1), node].map(({ name }) => name).join('/') + (node.parts ? '/' : '') + ': ' + factsOf(node)
}

/** The tile that lies in a direction: the nearest one, what is aside counting double. */
function neighbour(from, dx, dy) {
  const middle = ({ offsetLeft, offsetTop, offsetWidth, offsetHeight }) => [offsetLeft + offsetWidth / 2, offsetTop + offsetHeight / 2]
  const [x, y] = middle(from)
  let nearest, least = Infinity
  for (const tile of tiles.children) {
    const [toX, toY] = middle(tile)
    const ahead = (toX - x) * dx + (toY - y) * dy
    const far = ahead + 2 * Math.abs((toX - x) * dy + (toY - y) * dx)
    if (ahead > 1 && far < least) { nearest = tile; least = far }
  }
  return nearest
}
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
tiles.addEventListener('keydown', (event) => {
  const { key } = event
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const goal = key === 'Home' ? tiles.firstElementChild : key === 'End' ? tiles.lastElementChild : ARROWS[key] && neighbour(event.target, ...ARROWS[key])
  if (goal) goal.focus()
  else if ((key === 'Backspace' || key === 'Escape') && way.length > 1) leave(way.length - 1)
  else if (!ARROWS[key]) return
  event.preventDefault()
})

/** The folder as a table. */
function fillTable() {
  const rows = partsOf(way.at(-1)).map((node) => {
    const name = node.parts ? make('button', labelOf(node), { type: 'button' }) : labelOf(node)
    if (node.parts) name.onclick = () => { way = [...way, node]; show(null); asTable.querySelector('summary').focus() }
    return { cells: [name, count.format(node.files), bytesOf(node.bytes), count.format(node.lines), count.format(node.complexity), count.format(densityOf(node))] }
  })
  asTable.querySelector('div').replaceChildren(tableOf([['Name'], ['Files', 'number'], ['Size', 'number'], ['Lines', 'number'], ['Complexity', 'number'], ['Per 1,000 lines', 'number']], rows))
}
asTable.addEventListener('toggle', () => { if (asTable.open) fillTable() })

if (data.tree.bytes > 0) {
  show(null)
  addEventListener('resize', () => show(null))
  dark.addEventListener('change', () => show(null))
} else {
  const nothing = data.books.discovered === 0 ? 'There are no files in it.' : 'No file here has a size that is known.'
  document.getElementById('map').replaceChildren(make('p', nothing, { class: 'empty' }))
}
`
