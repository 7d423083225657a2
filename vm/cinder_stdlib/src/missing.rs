//! Modules of CPython that are not there yet: what an import of one says besides that there is none.

/// Name, and what it would take.
const MISSING: &[(&str, &str)] = &[
    ("_curses", "the terminal library ncurses"),
    ("_curses_panel", "the terminal library ncurses"),
    ("_dbm", "the database library ndbm"),
    ("_gdbm", "the database library gdbm"),
    ("_interpchannels", "several interpreters in one process"),
    ("_interpqueues", "several interpreters in one process"),
    ("_interpreters", "several interpreters in one process"),
    ("_remote_debugging", "a door for debuggers into a running process"),
    ("_symtable", "symbol tables of the compiler as objects"),
    ("_tkinter", "the graphical library Tcl/Tk"),
    ("_zstd", "the compression library zstd"),
    ("curses", "the terminal library ncurses"),
    ("ensurepip", "bundled wheels of pip"),
    ("idlelib", "the graphical library Tcl/Tk"),
    ("readline", "a line editor that programs can configure; the prompt of cinder has one of its own"),
    ("tkinter", "the graphical library Tcl/Tk"),
    ("turtle", "the graphical library Tcl/Tk"),
];

/// What a module that is not there yet needs.
pub(crate) fn needs(name: &str) -> Option<&'static str> {
    MISSING.iter().find(|(known, _)| *known == name).map(|(_, needs)| *needs)
}
