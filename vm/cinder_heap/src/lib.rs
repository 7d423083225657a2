//! Allocation and collection.
