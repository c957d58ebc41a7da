import type { EpochMs } from "../model/ids.ts";

/** The time, as an argument. */
export interface Clock {
  now(): EpochMs;
}

/** Random texts and numbers, as an argument. */
export interface Random {
  /** A new client token or id: unique, at most 64 characters. */
  token(): string;
  /** From 0 up to but not including 1. */
  fraction(): number;
}

/** What else a line says. It has one message: another one would be dropped. */
export type Details = Readonly<Record<string, unknown>> & { readonly message?: never };

/** Says what happened, for people: one line each, structured. */
export interface Log {
  info(message: string, more?: Details): void;
  warn(message: string, more?: Details): void;
  error(message: string, more?: Details): void;
}

/** Counts what happened, for alarms. */
export interface Metrics {
  count(name: MetricName, value: number, dimensions?: Readonly<Record<string, string>>): void;
}

/** Every metric that exists; alarms and the dashboard name them too. */
export type MetricName =
  | "RefusedEvents"
  | "UnparsableEvents"
  | "ObjectsChanged"
  | "ObjectsRepeated"
  | "InventoriesCompleted"
  | "RootsReconciled"
  | "ChangesApplied"
  | "CallsFailed"
  | "StatusWritten"
  | "RootsDue"
  | "OldestDueSeconds"
  | "CertificatesDenied";
