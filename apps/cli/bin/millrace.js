#!/usr/bin/env node
// The gate: whatever Node is on the PATH parses this file, so it says what is needed in one line instead of a syntax error. No
// static import, no import.meta, nothing newer than import(); everything else is in launch.js.
var needed = 24

if (Number(process.version.slice(1).split('.')[0]) < needed) {
  process.stderr.write(
    'millrace needs Node ' +
      needed +
      ' or later; this is ' +
      process.version +
      ' (' +
      process.execPath +
      '). Install a newer one from https://nodejs.org and try again.\n',
  )
  process.exitCode = 1
} else {
  import('./launch.js')
}
