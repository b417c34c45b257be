//! One walk over a JSON text, value by value.

use std::borrow::Cow;

use crate::{Wrong, number};

/// No deeper nesting is read: a reader calls itself for each level, and its stack is small.
const DEEPEST: u32 = 128;

/// Reads a text from its beginning to its end. A value that could not be read is to be read no further.
#[derive(Debug)]
pub struct Reader<'a> {
    json: &'a str,
    at: usize,
    depth: u32,
}

/// What a value is, by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "JSON's own words")]
pub enum Kind {
    Null,
    Boolean,
    Number,
    Text,
    Array,
    Object,
}

/// What is done with the variant at an index, and what it holds.
type EachVariant<'f, 'a> = &'f mut dyn FnMut(usize, Option<&mut Reader<'a>>) -> Result<(), Wrong>;

impl<'a> Reader<'a> {
    /// At the beginning of a text.
    #[must_use]
    pub fn new(json: &'a str) -> Self {
        Self { json, at: 0, depth: 0 }
    }

    /// What comes next.
    ///
    /// # Errors
    /// When it is no value.
    pub fn kind(&mut self) -> Result<Kind, Wrong> {
        match self.peek() {
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b'"') => Ok(Kind::Text),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            _ => Err(self.expected("a value")),
        }
    }

    /// Whether `null` comes next, which is read then.
    ///
    /// # Errors
    /// When it is no value.
    pub fn null(&mut self) -> Result<bool, Wrong> {
        if self.kind()? != Kind::Null {
            return Ok(false);
        }
        self.word("null").map(|()| true)
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// When it is none.
    pub fn boolean(&mut self) -> Result<bool, Wrong> {
        match self.peek() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => Err(self.expected("true or false")),
        }
    }

    /// Reads a whole number, however it is written, or as text: see [`number::whole`].
    ///
    /// # Errors
    /// When it is none.
    pub fn whole(&mut self) -> Result<u64, Wrong> {
        let text = match self.kind()? {
            Kind::Number => Cow::Borrowed(self.number()?),
            Kind::Text => self.text()?,
            _ => return Err(self.expected("a whole number from 0 on")),
        };
        number::whole(&text).ok_or_else(|| Wrong::new("expected a whole number from 0 on"))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When it is none.
    pub fn text(&mut self) -> Result<Cow<'a, str>, Wrong> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("text"));
        }
        self.at += 1;
        let text = self.plain()?;
        if self.json.as_bytes()[self.at] == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        self.escaped(text.to_owned()).map(Cow::Owned)
    }

    /// Reads an array, element by element: `each` has to read one, and is told how many came before it.
    ///
    /// # Errors
    /// When it is none, or `each` says so.
    pub fn array(&mut self, each: &mut dyn FnMut(usize, &mut Self) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut index = 0;
        self.enclosed("an array", b'[', b']', &mut |reader| {
            each(index, reader)?;
            index += 1;
            Ok(())
        })
    }

    /// Reads an object, member by member: `each` has to read the value of the one that it is named.
    ///
    /// # Errors
    /// When it is none, or `each` says so.
    pub fn object(&mut self, each: &mut dyn FnMut(&str, &mut Self) -> Result<(), Wrong>) -> Result<(), Wrong> {
        self.enclosed("an object", b'{', b'}', &mut |reader| {
            let name = reader.text()?;
            if reader.peek() != Some(b':') {
                return Err(reader.expected("`:`"));
            }
            reader.at += 1;
            each(&name, reader)
        })
    }

    /// Reads an object's members by their names, of which each may be there once: `each` has to read the value of the one at
    /// an index of `names`. Others are passed over, unless `only` those may be there. Those that have a bit in `required`, the
    /// first one the lowest, have to be there.
    ///
    /// # Errors
    /// When it is none, or `each` says so.
    pub fn fields(
        &mut self, names: &[&str], required: u64, only: bool,
        each: &mut dyn FnMut(usize, &mut Self) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let mut seen = 0_u64;
        self.object(&mut |name, reader| {
            let Some(index) = names.iter().position(|known| *known == name) else {
                return if only { Err(Wrong::unknown("field", name, names)) } else { reader.skip().map(drop) };
            };
            if seen & 1 << index != 0 {
                return Err(Wrong::new(["duplicate field `", name, "`"].concat()));
            }
            seen |= 1 << index;
            each(index, reader).map_err(|wrong| wrong.below(name))
        })?;
        let missing = (required & !seen).trailing_zeros() as usize;
        names.get(missing).map_or(Ok(()), |name| Err(Wrong::missing(name)))
    }

    /// Reads one of several variants: a text alone, or an object of one member that is named so, whose value `each` has to
    /// read.
    ///
    /// # Errors
    /// When it is none, or `each` says so.
    pub fn variant(&mut self, names: &[&str], each: EachVariant<'_, 'a>) -> Result<(), Wrong> {
        let index = |name: &str| {
            names.iter().position(|known| *known == name).ok_or_else(|| Wrong::unknown("variant", name, names))
        };
        if self.kind()? == Kind::Text {
            return each(index(&self.text()?)?, None);
        }
        let mut seen = 0;
        self.object(&mut |name, reader| {
            seen += 1;
            each(index(name)?, Some(reader)).map_err(|wrong| wrong.below(name))
        })?;
        if seen == 1 { Ok(()) } else { Err(Wrong::new("expected one variant")) }
    }

    /// Reads any value; answers its text.
    ///
    /// # Errors
    /// When it is none.
    pub fn skip(&mut self) -> Result<&'a str, Wrong> {
        let kind = self.kind()?;
        let begin = self.at;
        match kind {
            Kind::Null => self.null().map(drop),
            Kind::Boolean => self.boolean().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::Text => self.text().map(drop),
            Kind::Array => self.array(&mut |_, reader| reader.skip().map(drop)),
            Kind::Object => self.object(&mut |_, reader| reader.skip().map(drop)),
        }?;
        Ok(&self.json[begin..self.at])
    }

    /// Whether nothing but white space is left.
    ///
    /// # Errors
    /// When there is something.
    pub fn end(&mut self) -> Result<(), Wrong> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// What should have come here.
    #[must_use]
    pub fn expected(&self, what: &str) -> Wrong {
        let before = &self.json[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|one| *one != '\n').count() + 1;
        Wrong::new(format!("expected {what} at line {line} column {column}"))
    }

    fn enclosed(
        &mut self, what: &str, begin: u8, end: u8, each: &mut dyn FnMut(&mut Self) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        if self.peek() != Some(begin) {
            return Err(self.expected(what));
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::new("it is nested too deeply"));
        }
        let mut is_empty = true;
        loop {
            match self.peek() {
                Some(next) if next == end && is_empty => break,
                _ => each(self)?,
            }
            is_empty = false;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(next) if next == end => break,
                _ => return Err(self.expected("a comma, or the end of what was begun,")),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.json.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.json.as_bytes().get(self.at).copied()
    }

    fn word(&mut self, word: &str) -> Result<(), Wrong> {
        if !self.json[self.at..].starts_with(word) {
            return Err(self.expected(word));
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a number, as it is written.
    fn number(&mut self) -> Result<&'a str, Wrong> {
        let rest = &self.json[self.at..];
        let length =
            rest.find(|one: char| !matches!(one, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let number = &rest[..length];
        if !is_number(number) {
            return Err(self.expected("a number"));
        }
        self.at += length;
        Ok(number)
    }

    /// Reads on in a text, from where it is not written as it is.
    fn escaped(&mut self, mut text: String) -> Result<String, Wrong> {
        loop {
            let plain = self.plain()?;
            text.push_str(plain);
            match self.json.as_bytes()[self.at] {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(self.expected("an escape for each control character")),
            }
        }
        self.at += 1;
        Ok(text)
    }

    /// Reads a text as far as it is written as it is.
    fn plain(&mut self) -> Result<&'a str, Wrong> {
        let begin = self.at;
        let rest = &self.json.as_bytes()[begin..];
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        self.at += length.ok_or_else(|| Wrong::new("a text has no end"))?;
        Ok(&self.json[begin..self.at])
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let escape = self.json.as_bytes().get(self.at).copied();
        let plain = match escape {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.utf16(),
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    /// Reads a `u` with its four digits, or a pair of surrogates.
    fn utf16(&mut self) -> Result<char, Wrong> {
        let first = self.unit()?;
        let mut units = vec![first];
        if (0xd800..0xdc00).contains(&first) && self.json[self.at..].starts_with("\\u") {
            self.at += 1;
            units.push(self.unit()?);
        }
        match char::decode_utf16(units).collect::<Result<Vec<_>, _>>().as_deref() {
            Ok([one]) => Ok(*one),
            _ => Err(self.expected("a pair of surrogates before")),
        }
    }

    fn unit(&mut self) -> Result<u16, Wrong> {
        let digits =
            self.json.get(self.at + 1..self.at + 5).filter(|digits| digits.bytes().all(|one| one.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 5;
        Ok(unit)
    }
}

/// Whether a text is a number of JSON's.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    are_digits(whole) && (whole == "0" || !whole.starts_with('0')) && are_digits(fraction) && are_digits(exponent)
}
