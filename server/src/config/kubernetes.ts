/** What Kubernetes writes at the end of a variable: a Service `web` has WEB_SERVICE_HOST, WEB_PORT, WEB_PORT_80_TCP_ADDR. */
const NAMES = /_SERVICE_(HOST|PORT)(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/;

/**
 * Whether a variable tells of a Service: Kubernetes sets some for each in the namespace of a pod. Those of
 * `price-stream` and of all whose names begin so look like settings.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export const tellsOfService = (name: string, value: string): boolean =>
  NAMES.test(name) || (name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value));
