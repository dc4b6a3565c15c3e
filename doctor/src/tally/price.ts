/** Whether it is one for clients: a decimal above zero, without exponent, as client/src/protocol/checks.ts has it. */
export const isPrice = (text: string): boolean =>
  /^(?=[\d.]{1,64}$)(?=.*[1-9])\d+(\.\d+)?$/.test(text);
