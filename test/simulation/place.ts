import { accountId, region } from "../../functions/model/ids.ts";

/** The account and region of every simulated history. */
export const place = { account: accountId("111122223333"), region: region("eu-central-1") };
