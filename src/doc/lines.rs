//! The lines of a text, found once: to ask for the line of each of many places takes no time that grows with the text.

/// Where lines begin, and how many characters there are before every block of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
    characters: Vec<usize>,
    end: usize,
}

/// Bytes of a block.
const BLOCK: usize = 512;

impl Lines {
    /// Returns the lines of `text`.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let ends = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
        let mut before = 0;
        let blocks = text.chunks(BLOCK).map(|block| {
            before += count(block);
            before
        });
        Self {
            starts: std::iter::once(0).chain(ends).collect(),
            characters: std::iter::once(0).chain(blocks).collect(),
            end: text.len(),
        }
    }

    /// Returns the line, counted from 1, of the byte `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Returns where a line, counted from 1, begins, and where its end or that of the text is.
    #[must_use]
    pub fn span(&self, line: u32) -> Option<std::ops::Range<usize>> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(self.end, |next| next - 1);
        Some(start..end)
    }

    /// Returns how many characters are between two places of `text`, the one that this was made of.
    #[must_use]
    pub fn characters(&self, text: &[u8], from: usize, to: usize) -> usize {
        let before = |at: usize| {
            let block = at / BLOCK;
            self.characters.get(block).copied().unwrap_or(0) + count(&text[block * BLOCK..at])
        };
        before(to).saturating_sub(before(from))
    }
}

/// Returns how many characters begin in `bytes`.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_one_would_from_the_start() {
        let text = "ä=1\n\nb\r\n".repeat(300) + "ü";
        let lines = Lines::of(text.as_bytes());
        for (offset, _) in text.char_indices() {
            assert_eq!(lines.line(offset), super::super::line(&text, offset));
            let characters = lines.characters(text.as_bytes(), 0, offset);
            assert_eq!(characters, text[..offset].chars().count());
        }
        assert_eq!(lines.span(1), Some(0..4));
        assert_eq!(lines.span(2), Some(5..5));
        assert_eq!(lines.span(901), Some(text.len() - 2..text.len()));
        assert_eq!((lines.span(0), lines.span(902)), (None, None));
    }
}
