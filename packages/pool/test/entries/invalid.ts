import { serve } from '../../src/index.ts'

serve({ echo: 5 as never })
