//! Which modules of the stubs exist in our Python: typeshed's `VERSIONS` file.

use cinder_db::{Db, File, source_text};

/// The minor version of Python 3 we implement.
const MINOR: u32 = 14;

/// Modules of the standard library's stubs that our version has not, sorted. A submodule is listed only if it differs from its package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    /// Name and whether it exists, sorted by name.
    modules: Box<[(Box<str>, bool)]>,
}

impl Versions {
    /// Whether the standard library has `name`: its own line decides, otherwise that of the nearest package with one.
    pub(crate) fn contains(&self, name: &str) -> bool {
        let mut name = name;
        loop {
            if let Ok(index) = self.modules.binary_search_by(|(other, _)| (**other).cmp(name)) {
                return self.modules[index].1;
            }
            match name.rsplit_once('.') {
                Some((parent, _)) => name = parent,
                None => return false,
            }
        }
    }
}

/// Depends on: the text of the `VERSIONS` file.
#[salsa::tracked(returns(ref))]
pub(crate) fn versions(db: &dyn Db, file: File) -> Versions {
    let mut modules: Vec<(Box<str>, bool)> = source_text(db, file).lines().filter_map(parse_line).collect();
    modules.sort();
    Versions { modules: modules.into() }
}

/// `name: 3.5-3.13` or `name: 3.5-`, with an optional comment.
fn parse_line(line: &str) -> Option<(Box<str>, bool)> {
    let line = line.split('#').next()?.trim();
    let (name, range) = line.split_once(':')?;
    let (first, last) = range.trim().split_once('-')?;
    let since = minor(first)?;
    let until = if last.trim().is_empty() { u32::MAX } else { minor(last)? };
    Some((name.trim().into(), (since..=until).contains(&MINOR)))
}

fn minor(version: &str) -> Option<u32> {
    version.trim().strip_prefix("3.")?.parse().ok()
}
