/** The domain of the annotations that are ours to read: the in-cluster controller's. */
export const annotationDomain = "application-networking.k8s.aws/";

/** The annotation that names the Lattice service of a route. */
export const nameAnnotation = `${annotationDomain}service-name-override`;

/** The annotation that gives the Lattice rules of a route's rule their numbers. Rules are counted from 0. */
export const priorityAnnotation = (rule: number | "N"): string => `${annotationDomain}rule-${rule}-priority`;
