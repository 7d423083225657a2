//! What the analysis may be told.

pub(crate) use cinder_db::StrictSettings;
