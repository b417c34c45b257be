// The module that the platform loads: the Worker's classes, as `cloudflare:workers` wants them, over what wasm-bindgen
// makes of src/lib.rs. Bundled by `cargo xtask build`.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as rust from "./index.js";

// `instanceId` is another after a panic: then the WebAssembly instance is a new one, and what was in the old one is gone.
const state = rust.__worker_init_state();

export default class extends WorkerEntrypoint {
  fetch(request) {
    return rust.fetch(request, this.env, this.ctx);
  }

  scheduled(event) {
    return rust.scheduled(event, this.env, this.ctx);
  }
}

/** The object's SQLite, for Rust: values and rows cross as one JSON text each. */
class SqlDatabase {
  #sql;

  constructor(sql) {
    this.#sql = sql;
  }

  execute(statement, values) {
    return JSON.stringify([...this.#sql.exec(statement, ...JSON.parse(values)).raw()]);
  }
}

export class SessionLedger extends DurableObject {
  #ledger;
  #instanceId;

  // Called by the Worker's stub: https://developers.cloudflare.com/workers/runtime-apis/rpc/
  ask(name, input) {
    if (this.#instanceId !== state.instanceId) {
      this.#ledger = new rust.SessionLedger(new SqlDatabase(this.ctx.storage.sql), this.env);
      this.#instanceId = state.instanceId;
    }
    // Nearly always at once: a promise for each would cost more than the answer.
    const answer = this.#ledger.answer(name, input);
    return typeof answer === "string" ? answer : answer.then(() => this.ask(name, input));
  }
}
