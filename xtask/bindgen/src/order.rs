//! The order of a module's functions, which means nothing to whoever runs them. gzip looks back 32 KiB for what it has seen:
//! behind those that it is most like, a function costs less. 4 KiB together.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
};

use anyhow::Result;
use wasm_encoder::{
    CodeSection, FunctionSection, Module,
    reencode::{Error, Reencode},
};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef, Validator, WasmFeatures};

/// So many bytes in a row that two functions have make them alike.
const PIECE: usize = 6;
/// What more functions have than so many makes nobody alike.
const COMMON: usize = 200;
/// So many functions are looked back at.
const BACK: usize = 4;

/// The same module with its functions in another order.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(&wasm[body.range()]),
            _ => {}
        }
    }
    let mut module = Module::new();
    Renumbering::new(imported, order(&bodies)).parse_core_module(&mut module, Parser::new(0), wasm)?;
    let ordered = module.finish();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&ordered)?;
    Ok(ordered)
}

/// The places of bodies, each behind those that it is most like.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<BTreeSet<&[u8]>> = bodies.iter().map(|body| body.windows(PIECE).collect()).collect();
    let mut having = HashMap::<&[u8], Vec<usize>>::new();
    for (body, pieces) in pieces.iter().enumerate() {
        pieces.iter().for_each(|piece| having.entry(piece).or_default().push(body));
    }
    having.retain(|_, bodies| bodies.len() <= COMMON);

    let mut left: BTreeSet<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    while let Some(first) = left.first() {
        let mut shared = BTreeMap::<usize, usize>::new();
        let before = order.iter().rev().take(BACK).flat_map(|body: &usize| &pieces[*body]);
        for body in before.filter_map(|piece| having.get(piece)).flatten().filter(|body| left.contains(body)) {
            *shared.entry(*body).or_default() += 1;
        }
        // The part of its pieces that is shared, if it is not too small for that to mean anything.
        let part = |(body, count): &(usize, usize)| count * 10_000 / (pieces[*body].len() + 20);
        let next = shared.into_iter().max_by_key(part).map_or(*first, |(body, _)| body);
        left.remove(&next);
        order.push(next);
    }
    order
}

struct Renumbering {
    /// How many numbers imports have.
    imported: u32,
    /// The old place of each.
    order: Vec<usize>,
    /// The new place of each.
    places: Vec<u32>,
}

impl Renumbering {
    fn new(imported: u32, order: Vec<usize>) -> Self {
        let mut places = vec![0; order.len()];
        for (place, old) in (0..).zip(&order) {
            places[*old] = place;
        }
        Self { imported, order, places }
    }
}

impl Reencode for Renumbering {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, Error<Infallible>> {
        let defined = number.checked_sub(self.imported);
        Ok(defined.map_or(number, |defined| self.imported + self.places[defined as usize]))
    }

    fn parse_function_section(
        &mut self, functions: &mut FunctionSection, section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in &self.order {
            functions.function(types[*old]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self, code: &mut CodeSection, section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in self.order.clone() {
            self.parse_function_body(code, bodies[old].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_functions_are_put_beside_each_other() {
        let one: Vec<u8> = (0..100).collect();
        let other: Vec<u8> = (100..200).collect();
        let (like_one, like_other) = (one[5..].to_vec(), other[..95].to_vec());
        assert_eq!(order(&[&one, &other, &[1, 2, 3], &like_other, &like_one]), [0, 4, 1, 3, 2]);
    }
}
