import { serve } from '@millrace/pool'
import { fractureTasks } from './task/fracture-task.ts'

serve(fractureTasks)
