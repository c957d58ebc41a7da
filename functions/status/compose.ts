import { z } from "zod";
import { same } from "../model/canonical.ts";
import type { ObjectRef } from "../model/objects.ts";
import type { ParentRef } from "../model/routes.ts";
import { classNamed, type Report, type Subject } from "../model/verdict.ts";
import { conditions, merged, noteDomain, type Said } from "./conditions.ts";

type Json = Readonly<Record<string, unknown>>;

/** The status of an object with all that is said of it, and whether that differs from what it was. */
export interface Composed {
  readonly status: Json;
  readonly changed: boolean;
}

/**
 * Composes the status of an object from the reports of all roots about it. `now` is RFC 3339 in whole seconds. What other
 * controllers wrote, and fields that nobody here speaks of, stay as they are.
 */
export function compose(before: Json, ref: ObjectRef, reports: readonly Report[], now: string): Composed {
  const after = statusOf(before, ref, reports, now);
  return { status: after, changed: !same(before, after) };
}

function statusOf(before: Json, ref: ObjectRef, reports: readonly Report[], now: string): Json {
  switch (ref.kind) {
    case "GatewayClass":
      return gatewayClassStatus(before, reports, now);
    case "Gateway":
    case "ListenerSet":
      return gatewayStatus(before, reports, now);
    case "HTTPRoute":
    case "GRPCRoute":
    case "TLSRoute":
      return routeStatus(before, reports, now);
    case "Service":
    case "EndpointSlice":
    case "Namespace":
    case "ReferenceGrant":
    case "Secret":
    case "CustomResourceDefinition":
      return before;
  }
}

function gatewayClassStatus(before: Json, reports: readonly Report[], now: string): Json {
  if (reports.length === 0) return before;
  const features = [...new Set(reports.flatMap((report) => report.supportedFeatures ?? []))].toSorted();
  return {
    ...before,
    conditions: merged(
      conditions.parse(before["conditions"]),
      about(reports, (subject) => subject.at === "object"),
      now,
    ),
    ...(features.length === 0 ? {} : { supportedFeatures: features.map((name) => ({ name })) }),
  };
}

const listenerStatus = z.array(z.looseObject({ name: z.string(), conditions })).default([]);

/** Of a Gateway that is ours no more our notes are taken away. Conditions of the standard are its next controller's to write over. */
function withoutNotes(before: Json): Json {
  const found = conditions.parse(before["conditions"]);
  const kept = found.filter(({ type }) => !type.startsWith(noteDomain));
  return kept.length === found.length ? before : { ...before, conditions: kept };
}

function gatewayStatus(before: Json, reports: readonly Report[], now: string): Json {
  if (reports.length === 0) return withoutNotes(before);
  const known = listenerStatus.parse(before["listeners"]);
  const listeners = reports
    .flatMap((report) => report.listeners ?? [])
    .map((listener) => {
      const had = known.find((one) => one.name === listener.name)?.conditions ?? [];
      const said = about(reports, (subject) => subject.at === "listener" && subject.name === listener.name);
      return { ...listener, conditions: merged(had, said, now) };
    });
  const addresses = reports.flatMap((report) => report.addresses ?? []);
  const { addresses: _before, ...rest } = before;
  const kept = reports.every((report) => report.addresses === undefined) ? before : rest;
  const sets = reports.flatMap((report) => report.attachedListenerSets ?? []);
  return {
    ...kept,
    conditions: merged(
      conditions.parse(before["conditions"]),
      about(reports, (subject) => subject.at === "object"),
      now,
    ),
    listeners,
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(sets[0] === undefined ? {} : { attachedListenerSets: sets[0] }),
  };
}

const parentRef = z.looseObject({
  group: z.string().optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string(),
  sectionName: z.string().optional(),
  port: z.int().optional(),
});

const parentStatus = z.looseObject({ parentRef, controllerName: z.string(), conditions });

const parentsMax = 32;

/**
 * A route's parents are one list that several controllers share: only entries of ours are replaced, made or taken away, and
 * the others keep their content and their places.
 */
function routeStatus(before: Json, reports: readonly Report[], now: string): Json {
  const found = z.array(z.unknown()).default([]).parse(before["parents"]);
  const wanted = new Map(
    reports.flatMap((report) =>
      report.verdicts.flatMap(({ subject }) =>
        subject.at === "parent" ? [[identity(subject.ref, subject.controllerName), subject] as const] : [],
      ),
    ),
  );
  const said = (id: string): readonly Said[] =>
    about(
      reports,
      (subject) => subject.at === "parent" && identity(subject.ref, subject.controllerName) === id,
    );
  const kept = found.flatMap((one) => {
    const entry = parentStatus.parse(one);
    // As it was found: parsed, it would have what it left out.
    if (classNamed(entry.controllerName) === undefined) return [one];
    const id = identity(entry.parentRef, entry.controllerName);
    if (!wanted.delete(id)) return [];
    return [{ ...entry, conditions: merged(entry.conditions, said(id), now) }];
  });
  const made = [...wanted].map(([id, { ref, controllerName }]) => ({
    parentRef: defined(ref),
    controllerName,
    conditions: merged([], said(id), now),
  }));
  const parents = [...kept, ...made].slice(0, parentsMax);
  return parents.length === 0 && before["parents"] === undefined ? before : { ...before, parents };
}

/** Which parentRef an entry is about, as it is written in the spec, with the defaults written out, and who writes it. */
const identity = (ref: z.infer<typeof parentRef> | ParentRef, controllerName: string): string =>
  JSON.stringify([
    controllerName,
    ref.group ?? "gateway.networking.k8s.io",
    ref.kind ?? "Gateway",
    ref.namespace ?? null,
    ref.name,
    ref.sectionName ?? null,
    ref.port ?? null,
  ]);

const defined = (ref: ParentRef): Json =>
  Object.fromEntries(Object.entries(ref).filter(([, value]) => value !== undefined));

const about = (reports: readonly Report[], is: (subject: Subject) => boolean): readonly Said[] =>
  reports.flatMap((report) =>
    report.verdicts
      .filter((verdict) => is(verdict.subject))
      .map(({ type, status, reason, message }) => ({
        type,
        status,
        reason,
        message,
        generation: report.generation,
      })),
  );

/** The annotations that the reports ask for on the object. */
export const annotationsOf = (reports: readonly Report[]): Readonly<Record<string, string | null>> =>
  Object.assign({}, ...reports.map((report) => report.annotations ?? {}));
