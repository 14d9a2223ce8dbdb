import { serve } from '../../src/index.ts'
import { oddTasks } from './odd-tasks.ts'

serve(oddTasks)
