import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics as PowertoolsMetrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { epochMs } from "../model/ids.ts";
import type { Clock, Log, MetricName, Metrics, Random } from "./clock.ts";

/** The real time. */
export const systemClock: Clock = { now: () => epochMs(Date.now()) };

/** Real randomness. */
export const systemRandom: Random = { token: () => randomUUID(), fraction: () => Math.random() };

/** Structured log lines on standard output, as CloudWatch Logs reads them. */
export function lambdaLog(): Log {
  const logger = new Logger();
  return {
    info: (message, more = {}) => logger.info(message, { ...more }),
    warn: (message, more = {}) => logger.warn(message, { ...more }),
    error: (message, more = {}) => logger.error(message, { ...more }),
  };
}

/** Every metric, so that an alarm on one that never happened sees a zero and not a gap. */
const all = {
  RefusedEvents: MetricUnit.Count,
  UnparsableEvents: MetricUnit.Count,
  ObjectsChanged: MetricUnit.Count,
  ObjectsRepeated: MetricUnit.Count,
  InventoriesCompleted: MetricUnit.Count,
  RootsReconciled: MetricUnit.Count,
  ChangesApplied: MetricUnit.Count,
  CallsFailed: MetricUnit.Count,
  StatusWritten: MetricUnit.Count,
  RootsDue: MetricUnit.Count,
  OldestDueSeconds: MetricUnit.Seconds,
  CertificatesDenied: MetricUnit.Count,
} as const satisfies Record<MetricName, string>;

/** Metrics in CloudWatch's embedded format, written to the log by `flush`. */
export function lambdaMetrics(): { readonly metrics: Metrics; readonly flush: () => void } {
  const powertools = new PowertoolsMetrics();
  return {
    metrics: {
      count(name, value, dimensions) {
        if (dimensions === undefined) {
          powertools.addMetric(name, all[name], value);
          return;
        }
        const single = powertools.singleMetric();
        single.addDimensions({ ...dimensions });
        single.addMetric(name, all[name], value);
      },
    },
    flush: () => {
      if (powertools.hasStoredMetrics()) powertools.publishStoredMetrics();
    },
  };
}
