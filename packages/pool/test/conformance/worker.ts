import { serve } from '../../src/index.ts'
import { served } from './tasks.ts'

serve(served)
