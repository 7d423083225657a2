//! Scopes and symbols.

use cinder_semantic::SemanticIndex;

use super::{Arguments, Dump, Stage, syntax_mistakes};

pub(super) static STAGE: Stage = Stage { name: "scopes", summary: "scopes, and how each name is found", dump };

fn dump(arguments: &Arguments) -> anyhow::Result<Dump> {
    let source = arguments.source()?;
    let parsed = cinder_syntax::parse_module(&source);
    let mistakes = syntax_mistakes(arguments.path()?, &source, &parsed);
    Ok(Dump { text: SemanticIndex::build(parsed.module()).to_string(), mistakes })
}
