import { PAGE_MAP } from './page-map.ts'
import { PAGE_SCRIPT } from './page-script.ts'
import { PAGE_STYLE } from './page-style.ts'
import type { ReportData } from './report-data.ts'

/**
 * The report as one page of HTML that stands by itself: it asks nothing of anybody, and opens from a disk without a network. What comes from files, names and
 * messages, is only ever put in as text.
 */
export function reportPage(data: ReportData): string {
  const title = `${nameOf(data.root)}: ${data.books.discovered} files`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1></h1><p id="about"></p></header>
<main>
<section id="books" aria-label="Books"></section>
<section id="languages" aria-labelledby="languages-title"><h2 id="languages-title">Languages</h2><div class="share" role="img"></div><ul class="legend"></ul></section>
<section id="map" aria-labelledby="map-title"><h2 id="map-title">Size and complexity</h2>
<nav aria-label="Folder"></nav><div class="tiles" role="group" aria-label="Map of the folder" aria-describedby="keys"></div>
<p id="told" aria-hidden="true"></p>
<p class="scale"><span>A tile is as large as its files.</span> <span>Decisions per 1,000 lines: <b id="ramp-low"></b> <span class="ramp" aria-hidden="true"></span> <b id="ramp-high"></b></span> <span id="keys">Arrows go from tile to tile, Enter goes into a folder, Escape out of it.</span></p>
<details id="as-table"><summary>The folder as a table</summary><div></div></details></section>
<div class="lists"></div>
</main>
<footer></footer>
<script id="data" type="application/json">${escapeScript(JSON.stringify(data))}</script>
<script>${PAGE_SCRIPT}${PAGE_MAP}</script>
</body>
</html>
`
}

function nameOf(root: string): string {
  return root.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '') || root
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** JSON that no end of a script, no comment and no line separator can be found in. */
function escapeScript(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
