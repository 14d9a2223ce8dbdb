/** Runs the common user code and changes nothing. */
const { userCode } = require('./user-code.cjs')

module.exports = (file) => {
  userCode(file.path, file.source)
}
