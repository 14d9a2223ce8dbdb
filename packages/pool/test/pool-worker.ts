import { serve } from '../src/index.ts'
import { tasks } from './pool-tasks.ts'

serve(tasks)
