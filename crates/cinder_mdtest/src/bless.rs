//! Writes today's outputs into a suite.

use crate::OutputBlock;

/// `markdown` with the text of each given block replaced.
pub(crate) fn rewrite(markdown: &str, blocks: &[(&OutputBlock, String)]) -> String {
    let mut lines: Vec<&str> = markdown.lines().collect();
    let mut ordered: Vec<&(&OutputBlock, String)> = blocks.iter().collect();
    // From the end, so that earlier line numbers stay right.
    ordered.sort_by_key(|(block, _)| std::cmp::Reverse(block.lines.0));
    for (block, text) in ordered {
        lines.splice(block.lines.0..block.lines.1, text.lines());
    }
    let mut result = lines.join("\n");
    result.push('\n');
    result
}
