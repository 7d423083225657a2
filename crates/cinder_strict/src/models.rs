//! Models of modules that are not analysed themselves: the standard library and the marker modules.
//!
//! Idea: a model is a small Python file (`stubs/*.pys`) that the machine runs instead of the module. It says what importing and using the
//! module does, no more; what it does not define is looked up in the table of effects ([`crate::effects`]).

/// A bundled model.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) is_package: bool,
    pub(crate) text: &'static str,
}

macro_rules! models {
    ($($name:literal $is_package:literal $file:literal,)*) => {
        static MODELS: &[Model] = &[$(Model {
            name: $name,
            is_package: $is_package,
            text: include_str!(concat!("../stubs/", $file)),
        }),*];
    };
}

include!("../stubs/index.rs");

/// The model of this number; numbers count from one, since zero is the builtins.
pub(crate) fn get(number: u32) -> Option<&'static Model> {
    MODELS.get((number as usize).checked_sub(1)?)
}

/// The number of a module's model.
pub(crate) fn number(name: &str) -> Option<u32> {
    MODELS.iter().position(|model| model.name == name).map(|at| at as u32 + 1)
}

/// As [`number`], for modules that exist for strict modules only.
pub(crate) fn marker_number(name: &str) -> Option<u32> {
    if matches!(name, "__strict__" | "strict_modules" | "__static__") { number(name) } else { None }
}

/// Whether the model stands for a package that is installed as source.
pub(crate) fn is_framework(number: u32) -> bool {
    get(number).is_some_and(|model| matches!(model.name, "typing_extensions" | "attr" | "attrs"))
}
