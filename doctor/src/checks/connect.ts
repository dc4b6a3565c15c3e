import { duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";

/** Whether anything listens at the port. */
export const connect: Check = {
  name: "connect",
  needs: ["dns"],
  diagnose({ tcp, target: { host, port } }) {
    if (!tcp) return NOT_LOOKED;
    if (tcp.ok) return pass(`port ${port} of ${tcp.address} is open (${duration(tcp.ms)})`);
    if (tcp.code === "ECONNREFUSED") {
      return fail(
        `port ${port} of ${host} refuses connections (${tcp.code})`,
        "Start the gateway or the proxy in front of it, and see that it listens at this port, and not on 127.0.0.1 alone.",
      );
    }
    if (tcp.code === "TIMEOUT" || tcp.code === "ETIMEDOUT") {
      return fail(
        `port ${port} of ${host} does not answer, no yes and no no, within ${duration(tcp.ms)}`,
        "Open the port in the firewall or security group, and check that the address is the right one: what is sent there gets lost.",
      );
    }
    return fail(
      `no way to port ${port} of ${host} (${tcp.code}: ${tcp.message})`,
      "Check the network between this machine and the gateway, and that the address is the right one.",
    );
  },
};
