/** A worker that never serves, and does not end. */
setInterval(() => {}, 1000)
