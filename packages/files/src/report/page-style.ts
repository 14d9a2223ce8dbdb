/** How a report looks: the reader's colours, light or dark, and the system's type. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2126; --soft: #5f6670; --line: #e3e0d8; --accent: #1f6f6b; --bad: #b3261e; --low: #dbe8e6; --high: #c8502e; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --card: #1c2024; --ink: #e8e6e1; --soft: #9aa1a9; --line: #2d3237; --accent: #63c7bf; --bad: #ff8a80; --low: #24363a; --high: #d2603a; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px }
header { padding-top: 40px }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -.01em; overflow-wrap: anywhere }
h2 { font-size: 17px; margin: 0 0 12px }
#about { color: var(--soft); margin: 6px 0 0; overflow-wrap: anywhere }
section { margin: 32px 0 }
#books { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px }
#books div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px }
#books b { display: block; font-size: 26px; line-height: 1.2; font-weight: 650 }
#books span { color: var(--soft) }
#books .bad b { color: var(--bad) }
.share { display: flex; height: 14px; border-radius: 7px; overflow: hidden; background: var(--line) }
.share i { display: block }
.legend { list-style: none; margin: 10px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--soft) }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px }
nav { margin-bottom: 8px; min-height: 30px; overflow-wrap: anywhere }
nav button { font: inherit; color: var(--accent); background: none; border: 0; padding: 2px 4px; border-radius: 4px; cursor: pointer }
nav button[aria-current] { color: var(--ink); font-weight: 600; cursor: default }
.tiles { position: relative; height: min(62vh, 620px); border-radius: 10px; overflow: hidden; background: var(--line) }
.tiles button { position: absolute; border: 1px solid var(--paper); border-radius: 3px; padding: 3px 5px; text-align: left; font: inherit; font-size: 12px; line-height: 1.4; color: var(--tile-ink); overflow: hidden; cursor: default }
.tiles button { display: flex; flex-direction: column; justify-content: flex-start; align-items: stretch }
.tiles button.folder { cursor: pointer; font-weight: 600 }
.tiles i { position: absolute; border: 1px solid var(--paper); border-radius: 3px; overflow: hidden; pointer-events: none; font-style: normal; font-weight: 400; font-size: 11px; padding: 2px 4px; color: var(--tile-ink) }
.tiles button span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.tiles button small { display: block; font-weight: 400; opacity: .8; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.tiles button:hover { filter: brightness(1.06) }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; z-index: 1 }
.scale { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; color: var(--soft); font-size: 13px; margin: 10px 0 0 }
.ramp { width: 140px; height: 10px; border-radius: 5px; background: linear-gradient(90deg in oklab, var(--low), var(--high)) }
.lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 0 32px; align-items: start }
.lists section.wide { grid-column: 1 / -1 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 13px }
th, td { padding: 5px 8px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
.number { text-align: right; width: 96px; padding-right: 0; white-space: nowrap }
.code { width: 190px }
.tall { max-height: 360px; overflow: auto; border-bottom: 1px solid var(--line) }
td .bar { display: block; height: 3px; border-radius: 2px; background: var(--accent); margin-top: 3px }
.empty { color: var(--soft); margin: 0 }
footer { color: var(--soft); padding-bottom: 40px; font-size: 13px }
@media (max-width: 560px) { header, main, footer { padding-left: 16px; padding-right: 16px } .tiles { height: 70vh } .code { width: 120px } .number { width: 76px } }
@media print { .tiles button, .ramp, .share i { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
`
