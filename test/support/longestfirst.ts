import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take longer than ten seconds, the longest first. Those that wait for a local stack and those that live a
 * simulation take turns, so that the processors are never left alone with either.
 */
const long = [
  "test/simulation/mutants",
  "test/infra/local/trouble",
  "test/infra/local/killed",
  "test/simulation/traffic",
  "test/infra/local/example",
  "test/conformance/conformance",
  "test/simulation/seeds",
  "test/contract/table",
  "test/infra/local/ending",
  "test/infra/local/certificates",
  "test/infra/local/remote",
  "test/simulation/rivals",
  "test/infra/local/accounts",
  "test/plan/order.property",
  "test/compile/standard/standard.property",
  "test/compile/standard/twins.property",
  "test/infra/aws/template",
];

/** Begins with the files that take long: begun last, one of them would have one processor while the other has nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((start) => moduleId.includes(`/${start}.`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
