//! Joins the halves: loaders, compiler hooks, embedding.
