//! A small language of patterns for module names.
//!
//! Idea: what regular expressions for dotted names are made of: literal characters, `.`, `*`, `+`, `?`, `^`, `$`, `|`, `\\` and `[...]`.
//! Holds: time is bounded by the square of the lengths, for names are short and there are no groups.

/// Whether `pattern` matches somewhere in `name`.
pub(crate) fn is_match(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    pattern.split('|').any(|alternative| {
        let pattern: Vec<char> = alternative.chars().collect();
        match pattern.split_first() {
            Some(('^', rest)) => matches_here(rest, &name),
            _ => (0..=name.len()).any(|start| matches_here(&pattern, &name[start..])),
        }
    })
}

fn matches_here(pattern: &[char], text: &[char]) -> bool {
    let Some((&first, rest)) = pattern.split_first() else { return true };
    if first == '$' && rest.is_empty() {
        return text.is_empty();
    }
    let (len, is_set) = atom_len(pattern);
    let (atom, rest) = pattern.split_at(len);
    let fits = |character: char| atom_fits(atom, is_set, character);
    let most = text.iter().take_while(|character| fits(**character)).count();
    match rest.first() {
        Some('*') => (0..=most).rev().any(|count| matches_here(&rest[1..], &text[count..])),
        Some('+') => (1..=most).rev().any(|count| matches_here(&rest[1..], &text[count..])),
        Some('?') => (0..=most.min(1)).rev().any(|count| matches_here(&rest[1..], &text[count..])),
        _ => most > 0 && matches_here(rest, &text[1..]),
    }
}

/// The length of the first atom, and whether it is a set.
fn atom_len(pattern: &[char]) -> (usize, bool) {
    match pattern[0] {
        '\\' if pattern.len() > 1 => (2, false),
        '[' => match pattern.iter().position(|character| *character == ']') {
            Some(end) => (end + 1, true),
            None => (1, false),
        },
        _ => (1, false),
    }
}

fn atom_fits(atom: &[char], is_set: bool, character: char) -> bool {
    match atom {
        ['\\', 'w'] => character.is_alphanumeric() || character == '_',
        ['\\', 'd'] => character.is_ascii_digit(),
        ['\\', escaped] => *escaped == character,
        _ if is_set => {
            let inner = &atom[1..atom.len() - 1];
            let (is_negated, inner) = match inner.split_first() {
                Some(('^', rest)) => (true, rest),
                _ => (false, inner),
            };
            let in_range = inner.windows(3).any(|part| part[1] == '-' && (part[0]..=part[2]).contains(&character));
            (in_range || inner.contains(&character)) != is_negated
        }
        ['.'] => true,
        [literal] => *literal == character,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_match;

    #[test]
    fn patterns() {
        for (pattern, name, wanted) in [
            ("^app", "app.x", true),
            ("^app$", "app.x", false),
            (r"\.models$", "shop.models", true),
            ("a.c", "xabcx", true),
            ("[a-c]+z", "abcz", true),
            ("foo|bar", "x.bar", true),
        ] {
            assert_eq!(is_match(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
