//! Browser Run on one machine.
fn main() {}
