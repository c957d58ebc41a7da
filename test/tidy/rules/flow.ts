/** Folders of functions/ that are no stage of the flow. */
const beside = new Set(["model", "reconcile", "runtime"]);

/** The stages of a README's flow line, without the cluster at both ends; undefined when there is no such line. */
export function stagesOf(readme: string): readonly string[] | undefined {
  const line = readme.split("\n").find((one) => /^\s*cluster(\s*->\s*\w+)+\s*->\s*cluster\s*$/.test(one));
  return line
    ?.split("->")
    .map((one) => one.trim())
    .filter((one) => one !== "cluster");
}

/** Where a README's flow and the folders of functions/ differ. `drift` is the way back, so it stands below the line. */
export function flowProblems(readme: string, folders: readonly string[]): readonly string[] {
  const stages = stagesOf(readme);
  if (stages === undefined)
    return [
      "the README has no line `cluster -> forward -> ... -> status -> cluster`: say there how it flows",
    ];
  const told = [...stages, ...(/-+\s*drift\s*-+/.test(readme) ? ["drift"] : [])];
  return [
    ...told
      .filter((stage) => !folders.includes(stage))
      .map((stage) => `the flow names ${stage}, and there is no functions/${stage}/`),
    ...folders
      .filter((folder) => !told.includes(folder) && !beside.has(folder))
      .map(
        (folder) => `functions/${folder}/ is no stage of the README's flow line: name it there, or move it`,
      ),
  ];
}
