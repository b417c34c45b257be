//! One walk that writes a JSON text, value by value.

/// Writes a text from its beginning to its end, as `serde_json` does: without white space.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// Writes `null`.
    pub fn null(&mut self) {
        self.0.push_str("null");
    }

    /// Writes `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.0.push_str(if value { "true" } else { "false" });
    }

    /// Writes a number.
    pub fn whole(&mut self, number: u64) {
        self.0.push_str(&number.to_string());
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.0.push('"');
        let mut rest = text;
        while let Some(plain) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            self.0.push_str(&rest[..plain]);
            self.escape(rest.as_bytes()[plain]);
            rest = &rest[plain + 1..];
        }
        self.0.push_str(rest);
        self.0.push('"');
    }

    /// Writes an object, of whose members each is written by [`Writer::field`].
    pub fn object(&mut self, members: &mut dyn FnMut(&mut Self)) {
        self.begin();
        members(self);
        self.end();
    }

    /// Begins an object that is put together piece by piece.
    pub fn begin(&mut self) {
        self.0.push('{');
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.0.push('}');
    }

    /// Writes one member of an object. `name` needs no escapes.
    pub fn field(&mut self, name: &str, value: &dyn crate::ToJson) {
        self.separate(b'{');
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        value.to_json(self);
    }

    /// Writes a variant: an object of one member, whose value `value` has to write.
    pub fn variant(&mut self, name: &str, value: &mut dyn FnMut(&mut Self)) {
        self.0.push_str("{\"");
        self.0.push_str(name);
        self.0.push_str("\":");
        value(self);
        self.0.push('}');
    }

    /// Writes an array.
    pub fn array(&mut self, elements: &mut dyn Iterator<Item = &dyn crate::ToJson>) {
        self.0.push('[');
        for element in elements {
            self.separate(b'[');
            element.to_json(self);
        }
        self.0.push(']');
    }

    /// What was written.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// A comma, unless nothing has been written since `begin`, which no value ends with.
    fn separate(&mut self, begin: u8) {
        if self.0.as_bytes().last() != Some(&begin) {
            self.0.push(',');
        }
    }

    fn escape(&mut self, byte: u8) {
        let short = match byte {
            b'"' => '"',
            b'\\' => '\\',
            0x08 => 'b',
            0x0c => 'f',
            b'\n' => 'n',
            b'\r' => 'r',
            b'\t' => 't',
            _ => 'u',
        };
        self.0.push('\\');
        self.0.push(short);
        if short == 'u' {
            self.0.push_str("00");
            let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'));
            self.0.extend(digits);
        }
    }
}
