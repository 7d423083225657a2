//! Offsets, ranges, line index and column encodings.
