import { quotaNames, type Quotas } from "../../functions/model/limits.ts";
import { defaultSettings, type ServiceQuotas } from "../../infra/local/lattice/settings.ts";

/** The quotas of a Lattice that has granted these, by the names that it has for them. */
export const latticeQuotas = (granted: Partial<Quotas>): ServiceQuotas => ({
  ...defaultSettings.quotas,
  ...Object.fromEntries(
    Object.entries(quotaNames).flatMap(([name, field]) => {
      const value = granted[field];
      return value === undefined ? [] : [[name, value]];
    }),
  ),
});
