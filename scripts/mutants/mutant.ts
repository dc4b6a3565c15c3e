/** One way to break the product. */
export type Mutant = {
  name: string;
  file: string;
  /** Stands once in the file. */
  find: string;
  replace: string;
  /** File and name of the test that must turn red. */
  test: [file: string, name: string];
};
