//! Formats: `"<2h4sd"` as places in a struct.

/// What a format describes.
pub(super) struct Layout {
    pub(super) items: Vec<Item>,
    pub(super) is_big: bool,
    /// Bytes in all.
    pub(super) size: usize,
    /// Values that are packed or unpacked.
    pub(super) value_count: usize,
}

/// A run of values of one kind.
pub(super) struct Item {
    pub(super) code: u8,
    pub(super) offset: usize,
    /// Bytes of one value.
    pub(super) size: usize,
    pub(super) count: usize,
}

impl Item {
    /// Where each value lies.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let (offset, size) = (self.offset, self.size);
        (0..self.count).map(move |index| offset + index * size)
    }
}

/// Size of a value and how it is aligned natively; `None` when the format has no such code.
fn measure(code: u8, is_native: bool) -> Option<(usize, usize)> {
    let size = match code {
        b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' => return Some(if is_native { (8, 8) } else { (4, 1) }),
        b'q' | b'Q' | b'd' => 8,
        b'n' | b'N' | b'P' if is_native => 8,
        b'F' => return Some((8, if is_native { 4 } else { 1 })),
        b'D' => return Some((16, if is_native { 8 } else { 1 })),
        _ => return None,
    };
    Some((size, if is_native { size } else { 1 }))
}

const TOO_LONG: &str = "total struct size too long";

impl Layout {
    /// Errors: the message of `struct.error`.
    pub(super) fn parse(text: &[u8]) -> Result<Layout, &'static str> {
        let (rest, is_native, is_big) = match text.first() {
            Some(b'@') => (&text[1..], true, false),
            Some(b'=' | b'<') => (&text[1..], false, false),
            Some(b'>' | b'!') => (&text[1..], false, true),
            _ => (text, true, false),
        };
        let mut layout = Layout { items: Vec::new(), is_big, size: 0, value_count: 0 };
        let mut at = 0;
        while let Some(&first) = rest.get(at) {
            at += 1;
            if first.is_ascii_whitespace() || first == 0x0b {
                continue;
            }
            let (mut code, mut count) = (first, 1usize);
            if first.is_ascii_digit() {
                count = usize::from(first - b'0');
                while let Some(digit) = rest.get(at).filter(|c| c.is_ascii_digit()) {
                    let more = count.checked_mul(10).and_then(|count| count.checked_add(usize::from(digit - b'0')));
                    count = more.ok_or(TOO_LONG)?;
                    at += 1;
                }
                code = *rest.get(at).ok_or("repeat count given without format specifier")?;
                at += 1;
            }
            layout.add(code, count, is_native)?;
        }
        Ok(layout)
    }

    fn add(&mut self, code: u8, count: usize, is_native: bool) -> Result<(), &'static str> {
        if code == 0 {
            return Err("embedded null character");
        }
        let (size, alignment) = measure(code, is_native).ok_or("bad char in struct format")?;
        let offset = self.size.checked_next_multiple_of(alignment).ok_or(TOO_LONG)?;
        let bytes = size.checked_mul(count).ok_or(TOO_LONG)?;
        let end = offset.checked_add(bytes).filter(|end| *end <= isize::MAX as usize).ok_or(TOO_LONG)?;
        match code {
            b'x' => {}
            b's' | b'p' => {
                self.items.push(Item { code, offset, size: count, count: 1 });
                self.value_count += 1;
            }
            _ if count > 0 => {
                self.items.push(Item { code, offset, size, count });
                self.value_count += count;
            }
            _ => {}
        }
        self.size = end;
        Ok(())
    }
}
