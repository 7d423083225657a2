//! Inline caches: the sites of programs that do the same again and again hit, and what a miss costs is bounded.

use std::path::Path;
use std::process::Command;

/// Share of hits that every kind of site reaches, in percent.
const LEAST_HITS: f64 = 95.0;

#[test]
fn sites_hit_after_warming_up() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/caches");
    let mut kinds = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_cinder")).args(["dump", "caches"]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, sums) = text.split_once("hits by kind\n").expect("the report ends with sums");
        for line in sums.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [kind, runs, share, "%"] = words[..] else { panic!("{line}") };
            let (runs, share): (u64, f64) = (runs.parse().unwrap(), share.parse().unwrap());
            // Few runs are warming up.
            if runs >= 1000 {
                kinds += 1;
                assert!(share >= LEAST_HITS, "{}: {kind} hit {share} % of {runs} times\n{text}", path.display());
            }
        }
    }
    assert!(kinds >= 10, "{kinds} kinds of sites were looked at");
}
