//! Project automation: `cargo xtask check` runs everything a reviewer will.

fn main() {}
