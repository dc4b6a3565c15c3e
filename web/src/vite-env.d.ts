interface ImportMetaEnv {
  /** Address of the gateway, for a page that another host serves. */
  readonly VITE_API_URL?: string;
}
