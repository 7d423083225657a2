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

models! {
    "__strict__" false "__strict__.pys",
    "strict_modules" false "__strict__.pys",
    "__static__" false "__static__.pys",
    "_collections_abc" false "collections_abc.pys",
    "abc" false "abc.pys",
    "annotationlib" false "annotationlib.pys",
    "builtins" false "builtins.pys",
    "cinder" false "cinderx.pys",
    "cinderx" false "cinderx.pys",
    "collections" true "collections.pys",
    "collections.abc" false "collections_abc.pys",
    "contextlib" false "contextlib.pys",
    "contextvars" false "contextvars.pys",
    "copy" false "copy.pys",
    "dataclasses" false "dataclasses.pys",
    "datetime" false "datetime.pys",
    "enum" false "enum.pys",
    "functools" false "functools.pys",
    "importlib" true "importlib.pys",
    "inspect" false "inspect.pys",
    "itertools" false "itertools.pys",
    "logging" true "logging.pys",
    "operator" false "operator.pys",
    "os" true "os.pys",
    "os.path" false "os_path.pys",
    "posixpath" false "os_path.pys",
    "pathlib" false "pathlib.pys",
    "platform" false "platform.pys",
    "re" false "re.pys",
    "string" false "string.pys",
    "sys" false "sys.pys",
    "textwrap" false "textwrap.pys",
    "threading" false "threading.pys",
    "types" false "types.pys",
    "typing" false "typing.pys",
    "typing_extensions" false "typing_extensions.pys",
    "warnings" false "warnings.pys",
    "weakref" false "weakref.pys",
}

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

/// Whether the model stands for a package that is installed as source, and is used instead of it.
pub(crate) fn is_framework(number: u32) -> bool {
    get(number).is_some_and(|model| model.name == "typing_extensions")
}
