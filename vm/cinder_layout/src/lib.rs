//! What compiled code may assume about values and objects.
