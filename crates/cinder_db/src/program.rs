//! The settings every query may read: an input, so that a changed configuration invalidates what depended on it.

use std::path::PathBuf;

/// Settings of the program under analysis.
#[salsa::input(debug)]
pub struct Program {
    #[returns(ref)]
    pub settings: ProgramSettings,
}

/// Where imports are searched. The resolver crate says how the list becomes search paths.
///
/// Shape: each list is ordered, earlier entries win; all paths are absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramSettings {
    /// The project's own roots (the folder of the configuration file, `src`, or the folder of the script).
    pub roots: Vec<PathBuf>,
    /// Further folders, like `PYTHONPATH`. They come before `roots`' successors, as in CPython: after the script's folder.
    pub extra_paths: Vec<PathBuf>,
    /// `site-packages` folders. Their `.pth` files are followed.
    pub site_packages: Vec<PathBuf>,
    /// A folder with a `stdlib` folder of stubs that replaces the bundled typeshed.
    pub typeshed: Option<PathBuf>,
}
