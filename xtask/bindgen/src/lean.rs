//! What is left out of a Worker that is to be small, since nobody calls it, or misses it. The compiler can't know.

use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module, ValType};

/// What says a value's inside. All that the Worker says is `Display` or JSON, which clippy holds (`use_debug`); only panics'
/// messages have it, of values that did not fit: their file and line are still there.
const DEBUG: &str = "fmt::Debug>::fmt";

/// What lays such insides out in lines.
const PAD_ADAPTER: &str = "builders::PadAdapter";

/// What std does with a panic unless told otherwise. src/lib.rs does as an instance begins.
const DEFAULT_HOOK: &str = "panicking::default_hook";

/// Empties those functions. What only they call is left out by wasm-opt.
pub(crate) fn leave_out(module: &mut Module) {
    let named: Vec<_> =
        module.funcs.iter_local().filter_map(|(id, _)| Some((id, module.funcs.get(id).name.clone()?))).collect();
    for (id, name) in named {
        if [DEBUG, PAD_ADAPTER, DEFAULT_HOOK].iter().any(|part| name.contains(part)) {
            empty(module, id);
        }
    }
}

/// Gives a function a body that does nothing: it answers `Ok(())`, or nothing at all. Others stay as they are.
fn empty(module: &mut Module, id: FunctionId) {
    let (parameters, results) = module.types.params_results(module.funcs.get(id).ty());
    let (parameters, results) = (parameters.to_vec(), results.to_vec());
    let arguments = parameters.iter().map(|kind| module.locals.add(*kind)).collect();
    let mut body = FunctionBuilder::new(&mut module.types, &parameters, &results);
    match results[..] {
        [] => {}
        [ValType::I32] => drop(body.func_body().i32_const(0)),
        _ => return,
    }
    module.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(arguments));
}
