import { type MetricFamily, prometheusText } from '../../src/observe/prometheus.ts'

/** The text of Prometheus in which a quotation mark or a line break is written as it is. */
export function plainPrometheusText(families: Iterable<MetricFamily>): string {
  return prometheusText(families).replaceAll('\\"', '"').replaceAll('\\n', '\n').replaceAll('\\\\', '\\')
}
