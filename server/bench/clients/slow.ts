export const runSlow = async (_tell: (text: string) => void) => true;
