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
    /// How modules are analysed for effects at import time.
    pub strict: StrictSettings,
    /// Which modules are static without saying so, and what another checker says of their types.
    pub statics: StaticSettings,
}

/// Settings of static modules.
///
/// Names in the lists mean a module and everything below it; `*` means every module of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaticSettings {
    /// A folder of type files, one for each module, that another checker wrote.
    pub types: Option<PathBuf>,
    /// Modules that are static without a flag of their own.
    pub modules: Vec<String>,
    /// Modules that are not, whatever `modules` says. A flag in the module wins.
    pub exclude: Vec<String>,
    /// Files that are ordinary modules although `modules` names them: they cannot be compiled as static ones.
    pub degraded: Vec<PathBuf>,
}

impl StaticSettings {
    /// Whether some module may be static without saying so.
    pub fn opts_in(&self) -> bool {
        !self.modules.is_empty()
    }

    /// Whether the lists make the module of this name static; `is_own` when it belongs to the project, not to an installed package.
    pub fn names(&self, module: &str, is_own: bool) -> bool {
        let is_named = |names: &[String]| names.iter().any(|name| is_own && name == "*" || is_below(name, module));
        is_named(&self.modules) && !is_named(&self.exclude)
    }
}

/// Whether a module is the one of this name or lies below it.
fn is_below(name: &str, module: &str) -> bool {
    module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Settings of the analysis of strict modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictSettings {
    /// Folders of `.pys` stubs, searched before everything else.
    pub stub_paths: Vec<PathBuf>,
    /// Modules treated as strict without a marker: exact names.
    pub modules: Vec<String>,
    /// The same: these names and everything below them.
    pub prefixes: Vec<String>,
    /// The same: names that match a pattern somewhere.
    pub patterns: Vec<String>,
    /// Modules treated as strict without any other effect of being listed.
    pub forced: Vec<String>,
    /// Whether every module is analysed as if it were marked.
    pub forces_all: bool,
    /// Whether habits of the reference analyser are kept where they differ from CPython.
    pub is_compatible: bool,
    /// Whether `from m import *` is followed when `m` is strict.
    pub allows_star_imports: bool,
    /// The minor version of Python 3 the code is for.
    pub python_minor: u8,
    /// `sys.platform`.
    pub platform: String,
    /// How far importing may reach, as the rank of an effect level; zero is purest.
    pub level: u8,
    /// The same for files below a folder (absolute), deepest first.
    pub folder_levels: Vec<(PathBuf, u8)>,
}

impl Default for StrictSettings {
    fn default() -> StrictSettings {
        StrictSettings {
            stub_paths: Vec::new(),
            modules: Vec::new(),
            prefixes: Vec::new(),
            patterns: Vec::new(),
            forced: Vec::new(),
            forces_all: false,
            is_compatible: false,
            allows_star_imports: true,
            python_minor: 14,
            platform: "linux".into(),
            level: 0,
            folder_levels: Vec::new(),
        }
    }
}

impl StrictSettings {
    /// Whether an allow-list names the module.
    pub fn is_allowed(&self, name: &str) -> bool {
        self.modules.iter().any(|known| known == name)
            || self.prefixes.iter().any(|prefix| is_below(prefix, name))
            || self.patterns.iter().any(|pattern| crate::glob::is_match(pattern, name))
    }

    /// Whether the module is treated as strict without a marker.
    pub fn is_forced(&self, name: &str) -> bool {
        self.forces_all || self.forced.iter().any(|known| known == name) || self.is_allowed(name)
    }
}
