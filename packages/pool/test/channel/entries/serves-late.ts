import { serve } from '../../../src/task/serve.ts'

await new Promise((resolve) => setTimeout(resolve, 20))
serve({ echo: (value: unknown) => value })
