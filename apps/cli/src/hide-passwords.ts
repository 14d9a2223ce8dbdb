import { withoutPassword } from './config/postgres-url.ts'

/** Has those who list processes see the command without the passwords that were typed in it, as far as the system lets a process say what it is called. */
export function hidePasswords(of: { title: string; readonly argv: readonly string[] }): void {
  const words = of.argv.slice(2)
  const shown = words.map(withoutPassword)
  if (shown.some((word, index) => word !== words[index])) of.title = ['millrace', ...shown].join(' ')
}
