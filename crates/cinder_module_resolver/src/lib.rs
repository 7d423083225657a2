//! From the name in an `import` to files.
//!
//! Problem: checker, compiler and importer must find the same module, where CPython would find it, and notice when a file that appears
//! or vanishes changes the answer.
//! Idea: [`search_paths`] lists the places in CPython's order; [`resolve_module`] walks a dotted name through folder listings
//! ([`cinder_db::Folder`]), which are inputs. For each module both a *stub* (what it declares) and a *source* (what runs) are found, because
//! the checker of dynamic code reads the first and the compiler the second.
//! Holds: the result depends on listings only, so editing files re-resolves nothing; `sys`, `builtins` and the like cannot be shadowed.
//!
//! Source: CPython `Lib/importlib/_bootstrap_external.py` (`FileFinder`, `_NamespacePath`), the typing specification's "import resolution
//! ordering", PEP 420, PEP 561.
#![forbid(unsafe_code)]

mod builtin_names;
mod environment;
mod import;
mod name;
mod resolve;
mod search_path;
mod versions;

pub use builtin_names::{is_intrinsic, is_unshadowable};
pub use environment::{Environment, discover_environment, environment_at};
pub use import::{ImportError, module_name_of_file, resolve_import, resolve_relative, script_folder};
pub use name::ModuleName;
pub use resolve::{Module, ModuleKind, resolve_module, submodules};
pub use search_path::{SearchPath, SearchPathKind, search_paths};
