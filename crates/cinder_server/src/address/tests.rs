use std::path::Path;

use super::{of_path, path_of};

#[test]
fn paths_come_back() {
    for path in ["/a.py", "/with space/é/[x].py", "/100%/#?.py", "/\u{1f600}/~_-.py"] {
        let uri = of_path(Path::new(path)).expect("an absolute path");
        assert_eq!(path_of(&uri).as_deref(), Some(Path::new(path)), "{}", uri.as_str());
    }
    assert_eq!(of_path(Path::new("/a b#.py")).expect("absolute").as_str(), "file:///a%20b%23.py");
    assert!(of_path(Path::new("a.py")).is_none());
}
