//! The tokens.

use super::{Arguments, Dump, Stage, syntax_mistakes};

pub(super) static STAGE: Stage = Stage { name: "tokens", summary: "the tokens with byte ranges", dump };

fn dump(arguments: &Arguments) -> anyhow::Result<Dump> {
    let source = arguments.source()?;
    let parsed = cinder_syntax::parse_module(&source);
    let mistakes = syntax_mistakes(arguments.path()?, &source, &parsed);
    Ok(Dump { text: cinder_syntax::dump::tokens(&parsed, &source), mistakes })
}
