/** Parses with jscodeshift's own parser and changes nothing. */
module.exports = (file, { jscodeshift }) => {
  jscodeshift(file.source)
}
