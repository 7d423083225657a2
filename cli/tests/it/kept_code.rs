//! Compiled code beside its source: it is used when it is right, and never when it is not.

use std::path::PathBuf;

use crate::{Folder, stderr, stdout};

/// `m.py` in a folder.
struct Module(Folder);

impl Module {
    fn new(name: &str, source: &str) -> Module {
        Module(Folder::new(name, &[("m.py", source)]))
    }

    fn write(&self, source: &str) {
        std::fs::write(self.0.0.join("m.py"), source).unwrap();
    }

    /// What `m.f()` returns.
    fn run(&self, options: &[&str]) -> String {
        let arguments = [&["run"], options, &["-c", "import m; print(m.f())"]].concat();
        let unset = [("PYTHONDONTWRITEBYTECODE", ""), ("PYTHONPYCACHEPREFIX", "")];
        let output = self.0.cinder_with(&arguments, &unset);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output).trim().to_owned()
    }

    fn kept(&self) -> PathBuf {
        self.0.0.join("__pycache__/m.cinder-314.pyc")
    }
}

#[test]
fn code_is_kept_and_follows_its_source() {
    let module = Module::new("kept", "def f():\n    return 1\n");
    assert_eq!(module.run(&["-B"]), "1");
    assert!(!module.kept().exists());
    assert_eq!(module.run(&[]), "1");
    let first = std::fs::read(module.kept()).unwrap();
    assert_eq!(module.run(&[]), "1");
    // As long as before, and maybe within the same second.
    module.write("def f():\n    return 2\n");
    assert_eq!(module.run(&[]), "2");
    assert_ne!(std::fs::read(module.kept()).unwrap(), first);
    assert_eq!(module.run(&["-O"]), "2");
    assert!(module.0.0.join("__pycache__/m.cinder-314.opt-1.pyc").exists());
    assert_eq!(module.run(&["-X", "pycache_prefix=elsewhere"]), "2");
    let place = module.0.0.strip_prefix("/").unwrap().join("m.cinder-314.pyc");
    assert!(module.0.0.join("elsewhere").join(place).exists());
}

#[test]
fn damaged_code_is_made_anew() {
    let module = Module::new("damaged", "def f():\n    return 'text'\n");
    module.run(&[]);
    let whole = std::fs::read(module.kept()).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 12) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        for bytes in [&damaged[..], &whole[..at]] {
            std::fs::write(module.kept(), bytes).unwrap();
            assert_eq!(module.run(&[]), "text");
            assert_eq!(std::fs::read(module.kept()).unwrap(), whole, "byte {at}");
        }
    }
}

/// Their code depends on what they import.
#[test]
fn static_modules_are_not_kept() {
    let module = Module::new("static", "import __static__\ndef f() -> int:\n    return 1\n");
    assert_eq!(module.run(&[]), "1");
    assert!(!module.kept().exists());
}
