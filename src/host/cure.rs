//! What makes a file usable again that could not be understood.

use super::{Broken, Cure};

impl Broken {
    /// Returns what to do about the file.
    #[must_use]
    pub fn help(&self) -> String {
        match self.cure {
            Cure::MendLink => "fix the link, or put a file in its place".to_owned(),
            Cure::ReplaceByFile => "put a file in its place, or move it away".to_owned(),
            Cure::WriteValue => "write the value itself, without shell code".to_owned(),
            Cure::Convert => format!(
                "convert it, for example from Latin-1: iconv -f latin1 -t utf-8 -o {0}~ {0}; mv {0}~ {0}",
                self.path.word()
            ),
            Cure::Correct => "fix the file and try again".to_owned(),
        }
    }
}
