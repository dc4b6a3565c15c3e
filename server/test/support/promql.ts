import { parser } from "@prometheus-io/lezer-promql";

/** What an expression asks of metrics. */
export type Asked = {
  selectors: { metric: string; matchers: { label: string; values: string[] }[] }[];
  /** Labels that series are grouped or matched by. */
  groupings: string[];
};

/** Reads PromQL, with Grafana's variables in it, and throws where it is none. */
export function readPromql(expression: string): Asked {
  const text = expression.replace(/\$__rate_interval|\$__range/g, "5m");
  const read = ({ from, to }: { from: number; to: number }) => text.slice(from, to);
  const asked: Asked = { selectors: [], groupings: [] };
  parser.parse(text).iterate({
    enter({ name, node }) {
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${text}`);
      if (name === "GroupingLabels") {
        asked.groupings.push(...node.getChildren("LabelName").map(read));
      }
      if (name !== "VectorSelector") return;
      const metric = node.getChild("Identifier");
      if (!metric) throw new Error(`a selector without a metric: ${text}`);
      const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
      asked.selectors.push({
        metric: read(metric),
        matchers: matchers.map((matcher) => {
          const [label, value] = [matcher.getChild("LabelName"), matcher.getChild("StringLiteral")];
          if (!label || !value) throw new Error(`a matcher without label or value: ${text}`);
          return { label: read(label), values: read(value).slice(1, -1).split("|") };
        }),
      });
    },
  });
  if (asked.selectors.length === 0) throw new Error(`asks of no metric: ${text}`);
  return asked;
}
