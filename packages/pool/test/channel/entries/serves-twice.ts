import { serve } from '../../../src/task/serve.ts'

serve({ echo: (value: unknown) => value })
serve({ echo: (value: unknown) => value })
