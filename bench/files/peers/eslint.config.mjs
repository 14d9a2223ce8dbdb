/** Parses, and asks no rule. */
export default [{ files: ['**/*.js'], linterOptions: { reportUnusedDisableDirectives: 'off' } }]
