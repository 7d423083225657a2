//! Private names: `__x` inside `class C` is `_C__x`.

use std::borrow::Cow;

/// The name that `name` has inside class `class`.
///
/// Source: language reference 6.2.1, "private name mangling".
pub fn mangle<'a>(class: Option<&str>, name: &'a str) -> Cow<'a, str> {
    let Some(class) = class else { return Cow::Borrowed(name) };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return Cow::Borrowed(name);
    }
    let stripped = class.trim_start_matches('_');
    if stripped.is_empty() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("_{stripped}{name}"))
}
