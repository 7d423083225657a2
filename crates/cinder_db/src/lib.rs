//! The salsa database trait, file inputs, the System trait and the parsed-module query.
