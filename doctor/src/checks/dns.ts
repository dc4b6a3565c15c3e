import { duration, list } from "../words.ts";
import { type Check, fail, pass, skip } from "./check.ts";

/** Whether the name of the gateway is known. */
export const dns: Check = {
  name: "dns",
  needs: [],
  diagnose({ dns, target: { host } }) {
    if (!dns) return skip("the URL has an address, not a name");
    if (dns.ok) return pass(`${host} is ${list(dns.addresses, 3)} (${duration(dns.ms)})`);
    if (dns.code === "EAI_AGAIN" || dns.code === "TIMEOUT") {
      return fail(
        `no name server answers the question for ${host} (${dns.code}, ${duration(dns.ms)})`,
        "Mend the network or the name server of this machine, or run the doctor from another: from here nothing can be said of the gateway.",
      );
    }
    return fail(
      `there is no host by the name of ${host} (${dns.code})`,
      "Check how the host is spelled, and that its DNS record exists; a new one takes a while to be known everywhere.",
    );
  },
};
