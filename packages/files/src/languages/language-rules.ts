import { bash } from './bash.ts'
import { c } from './c.ts'
import { cpp } from './cpp.ts'
import { csharp } from './csharp.ts'
import { css } from './css.ts'
import { go } from './go.ts'
import { html } from './html.ts'
import { java } from './java.ts'
import type { LanguageRules } from './language.ts'
import { php } from './php.ts'
import { python } from './python.ts'
import { ruby } from './ruby.ts'
import { rust } from './rust.ts'

/** Rules by the name of the language. */
export const LANGUAGE_RULES: ReadonlyMap<string, LanguageRules> = new Map(
  Object.entries({ bash, c, cpp, csharp, css, go, html, java, php, python, ruby, rust }),
)
