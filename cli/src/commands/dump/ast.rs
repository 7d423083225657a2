//! The syntax tree.

use super::{Arguments, Dump, Stage, syntax_mistakes};

pub(super) static STAGE: Stage = Stage { name: "ast", summary: "the syntax tree with byte ranges", dump };

fn dump(arguments: &Arguments) -> anyhow::Result<Dump> {
    let source = arguments.source()?;
    let parsed = cinder_syntax::parse_module(&source);
    let mistakes = syntax_mistakes(arguments.path()?, &source, &parsed);
    Ok(Dump { text: cinder_syntax::dump::tree(&parsed), mistakes })
}
