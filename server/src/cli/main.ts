#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Before anything is loaded: what was compiled once need not be again, which halves the time to start.
enableCompileCache();
await import("./program.ts");
