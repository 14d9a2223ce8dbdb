import { serve } from '../../../src/task/serve.ts'

serve({ echo: (value: unknown) => value, cut: { run: 3 } as never })
