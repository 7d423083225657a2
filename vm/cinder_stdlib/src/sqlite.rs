//! `_sqlite`: SQLite's databases, statements and callbacks, on which `_sqlite3` stands.
//!
//! Problem: the interface of `sqlite3` (PEP 249) is a thick layer of rules over a C library: transactions, adapters, converters, row factories.
//! Idea: the rules are Python (`lib/_sqlite3/`); here are the objects of the library, and what runs once per row. Functions give SQLite's result
//! codes; which exception a code means is decided above.
//! Holds: a statement, blob or backup keeps the database open that it belongs to. The library runs without the machine's lock; what it calls back
//! takes the lock, and does nothing while the collector frees a statement.
//! Source: Modules/_sqlite/, <https://sqlite.org/c3ref/intro.html>.

mod callback;
mod constants;
mod database;
mod statement;
mod transfer;

use cinder_vm::{ModuleDef, NativeDef};

pub(crate) static SQLITE: ModuleDef = ModuleDef {
    doc: "Databases, statements and callbacks of SQLite.",
    functions: &[
        NativeDef::function("open", "path, flags, /", database::open),
        NativeDef::function("close", "db, /", database::close),
        NativeDef::function("error_message", "db, /", database::error_message),
        NativeDef::function("error_code", "db, /", database::error_code),
        NativeDef::function("error_text", "code, /", database::error_text),
        NativeDef::function("changes", "db, /", database::changes),
        NativeDef::function("total_changes", "db, /", database::total_changes),
        NativeDef::function("last_insert_rowid", "db, /", database::last_insert_rowid),
        NativeDef::function("get_autocommit", "db, /", database::get_autocommit),
        NativeDef::function("interrupt", "db, /", database::interrupt),
        NativeDef::function("busy_timeout", "db, milliseconds, /", database::busy_timeout),
        NativeDef::function("limit", "db, category, value, /", database::limit),
        NativeDef::function("config", "db, option, value, /", database::config),
        NativeDef::function("enable_load_extension", "db, enabled, /", database::enable_load_extension),
        NativeDef::function("load_extension", "db, path, entry, /", database::load_extension),
        NativeDef::function("complete_statement", "sql, /", database::is_complete),
        NativeDef::function("serialize", "db, name, /", transfer::serialize),
        NativeDef::function("deserialize", "db, content, name, /", transfer::deserialize),
        NativeDef::function("backup_open", "target, target_name, source, source_name, /", transfer::backup_open),
        NativeDef::function("backup_step", "backup, pages, /", transfer::backup_step),
        NativeDef::function("backup_progress", "backup, /", transfer::backup_progress),
        NativeDef::function("backup_close", "backup, /", transfer::backup_close),
        NativeDef::function("blob_open", "db, name, table, column, row, readonly, /", transfer::blob_open),
        NativeDef::function("blob_length", "blob, /", transfer::blob_length),
        NativeDef::function("blob_read", "blob, offset, size, /", transfer::blob_read),
        NativeDef::function("blob_write", "blob, offset, content, /", transfer::blob_write),
        NativeDef::function("blob_close", "blob, /", transfer::blob_close),
        NativeDef::function("create_function", "db, name, arguments, flags, function, /", callback::create_function),
        NativeDef::function(
            "create_aggregate",
            "db, name, arguments, factory, is_window, /",
            callback::create_aggregate,
        ),
        NativeDef::function("create_collation", "db, name, function, /", callback::create_collation),
        NativeDef::function("set_authorizer", "db, function, /", callback::set_authorizer),
        NativeDef::function("set_progress", "db, function, steps, /", callback::set_progress),
        NativeDef::function("set_trace", "db, function, /", callback::set_trace),
        NativeDef::function("report_callbacks", "enabled, /", callback::report_callbacks),
        NativeDef::function("prepare", "db, sql, start, /", statement::prepare),
        NativeDef::function("finalize", "statement, /", statement::finalize),
        NativeDef::function("parameters", "statement, /", statement::parameters),
        NativeDef::function("bind", "statement, index, value, /", statement::bind),
        NativeDef::function("step", "statement, /", statement::step),
        NativeDef::function("reset", "statement, /", statement::reset),
        NativeDef::function("is_readonly", "statement, /", statement::is_readonly),
        NativeDef::function("columns", "statement, /", statement::columns),
        NativeDef::function("declared", "statement, index, /", statement::declared),
        NativeDef::function("row", "statement, as_bytes, /", statement::row),
        NativeDef::function("raw_column", "statement, index, /", statement::raw_column),
    ],
    setup: Some(constants::add),
    ..ModuleDef::new("_sqlite")
};
