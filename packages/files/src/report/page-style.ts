/** How a report looks: the reader's colours, light or dark, and the system's type. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2126; --soft: #5f6670; --line: #e3e0d8; --accent: #1f6f6b; --bad: #b3261e; --tint: #dcebe8; --ramp: rgb(207 228 224), rgb(243 223 178), rgb(196 74 38) }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --card: #1c2024; --ink: #e8e6e1; --soft: #9aa1a9; --line: #2d3237; --accent: #63c7bf; --bad: #ff8a80; --tint: #21383c; --ramp: rgb(33 56 60), rgb(104 82 52), rgb(214 100 62) } }
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
.legend b { color: var(--ink); font-weight: 550 }
button { font: inherit; cursor: pointer }
nav button, .more, td button { color: var(--accent); background: none; border: 0; padding: 2px 4px; margin-left: -4px; border-radius: 4px }
nav { margin-bottom: 8px; min-height: 30px; overflow-wrap: anywhere }
nav button { margin: 0 } nav button:first-child { margin-left: -4px } nav span { color: var(--soft) }
nav button[aria-current] { color: var(--ink); font-weight: 600; cursor: default }
nav button:not([aria-current]):hover, .more:hover, td button:hover { text-decoration: underline }
.tiles { position: relative; height: min(62vh, 620px); border-radius: 10px; overflow: hidden; background: var(--line) }
.tiles button { position: absolute; display: flex; flex-direction: column; border: 1px solid var(--paper); border-radius: 3px; padding: 3px 5px; text-align: left; font-size: 12px; line-height: 1.4; overflow: hidden; cursor: default }
.tiles button.folder { cursor: pointer; font-weight: 600 }
.tiles i { position: absolute; border: 1px solid var(--paper); border-radius: 3px; overflow: hidden; pointer-events: none; font-style: normal; font-weight: 400; font-size: 11px; padding: 2px 4px }
.tiles span, .tiles small { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.tiles small { font-weight: 400; font-size: 11px }
.tiles button:hover { filter: brightness(1.06) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.tiles button:focus-visible { outline: 3px solid var(--ink); outline-offset: -3px; z-index: 1 }
#told { margin: 8px 0 0; min-height: 1.5em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.scale { display: flex; flex-wrap: wrap; gap: 4px 22px; align-items: center; color: var(--soft); font-size: 13px; margin: 2px 0 10px }
.ramp { display: inline-block; vertical-align: -1px; width: 120px; height: 10px; border-radius: 5px; margin: 0 4px; background: linear-gradient(90deg, var(--ramp)) }
details summary { color: var(--accent); cursor: pointer; width: fit-content; border-radius: 4px }
details div { max-height: 420px; overflow: auto; margin-top: 8px }
.lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 0 40px; align-items: start }
.lists section { min-width: 0; margin: 24px 0 }
.lists section.wide { grid-column: 1 / -1 }
table { border-collapse: separate; border-spacing: 0 2px; width: 100%; table-layout: fixed }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 13px }
th, td { padding: 3px 8px; vertical-align: top; overflow-wrap: anywhere }
.wide td { border-top: 1px solid var(--line); padding-top: 6px; padding-bottom: 6px }
.number { text-align: right; width: 112px; white-space: nowrap }
.code { width: 190px }
.codes { margin: 0 0 8px; color: var(--bad) }
.tall { max-height: 360px; overflow: auto; border-bottom: 1px solid var(--line) }
td button { padding: 0 4px }
.tall th { position: sticky; top: 0; background: var(--paper) }
td.bar { border-radius: 4px; background: linear-gradient(90deg, var(--tint) var(--share), transparent var(--share)) }
.path { display: flex; white-space: pre; min-width: 0 }
.path > * { flex: none; max-width: 100%; overflow: hidden; text-overflow: ellipsis }
.path bdi { color: var(--soft) }
.path .folder { flex: 0 1 auto; min-width: 0 }
.path .name { color: var(--ink) }
.path b { font-weight: 600; margin-right: 8px }
.path b, .path b ~ bdi:last-child { max-width: calc(50% - 4px) }
.more { margin-top: 4px }
.empty { color: var(--soft); margin: 0 }
footer { color: var(--soft); padding-bottom: 40px; font-size: 13px }
@media (max-width: 560px) { header, main, footer { padding-left: 16px; padding-right: 16px } #books { grid-template-columns: 1fr 1fr } #books div:last-child { grid-column: 1 / -1 } .tiles { height: 70vh } .code { width: 120px } .number { width: 84px } details .number:nth-child(n+4), .wide thead { display: none } .wide tr, .wide td { display: block; width: auto; border: 0; padding-bottom: 0 } .wide td:first-child { font-weight: 600; border-top: 1px solid var(--line) } }
@media print { .tiles button, .tiles i, .ramp, .share i, .legend i, td.bar { print-color-adjust: exact; -webkit-print-color-adjust: exact } .more, #keys, details { display: none } tr[hidden] { display: table-row } }
`
