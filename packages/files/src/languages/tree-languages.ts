/** Languages that are read with tree-sitter's grammars. A file of its own, so that to know them costs no grammar. */
export const TREE_LANGUAGES: ReadonlySet<string> = new Set([
  'bash',
  'c',
  'cpp',
  'csharp',
  'css',
  'go',
  'html',
  'java',
  'php',
  'python',
  'ruby',
  'rust',
])
