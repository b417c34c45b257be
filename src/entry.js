// The module that the platform loads: the Worker's classes, as `cloudflare:workers` wants them, over what wasm-bindgen
// makes of src/lib.rs. Bundled by `cargo xtask build`.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as rust from "./index.js";
import { instanceId } from "./js.js";

export default class extends WorkerEntrypoint {
  fetch(request) {
    return rust.fetch(request, this.env, this.ctx);
  }

  scheduled() {
    return rust.scheduled(this.env);
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

/** How long a tab's record waits for another write, in milliseconds. */
const TOGETHER_MS = 5;

export class SessionLedger extends DurableObject {
  #ledger;
  #instanceId;
  /** Tabs that wait to be recorded, and what ends that. */
  #waiting;
  #write;

  // Called by the Worker's stub: https://developers.cloudflare.com/workers/runtime-apis/rpc/
  ask(name, input) {
    // A transaction takes 200 µs, ten times what is written in it, and a tab's record is sent behind a click's answer.
    if (name === "RecordTab") return this.#together().then(() => this.#answer(name, input));
    const answer = this.#answer(name, input);
    if (name === "RecordSession") this.#write?.();
    return answer;
  }

  /** Resolves with the next session that is recorded, or when its time is over: what goes on then is one transaction. */
  #together() {
    const begun = (resolve) => {
      this.#write = resolve;
      setTimeout(resolve, TOGETHER_MS);
    };
    return (this.#waiting ??= new Promise(begun).then(() => (this.#waiting = undefined)));
  }

  #answer(name, input) {
    if (this.#instanceId !== instanceId) {
      this.#ledger = new rust.SessionLedger(new SqlDatabase(this.ctx.storage.sql), this.env);
      this.#instanceId = instanceId;
    }
    // Nearly always at once: a promise for each would cost more than the answer.
    const answer = this.#ledger.answer(name, input);
    return typeof answer === "string" ? answer : answer.then(() => this.#answer(name, input));
  }
}
