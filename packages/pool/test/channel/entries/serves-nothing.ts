import { serve } from '../../../src/task/serve.ts'

serve({})
