//! Questions about documents: each handler translates the question, asks [`cinder_ide`], and translates the answer.

mod navigation;
mod reading;
mod writing;

pub(crate) use navigation::*;
pub(crate) use reading::*;
pub(crate) use writing::*;

use std::path::PathBuf;

use cinder_db::{FilePath, source_text};
use cinder_text::TextSize;
use lsp_types::*;
use serde::{Deserialize, Serialize};

use crate::Host;
use crate::jsonrpc::Error;
use crate::snapshot::{Place, Snapshot};

/// What a handler returns: an answer, or the error the client gets.
pub(crate) type Answer<T> = Result<T, Error>;

/// The document and offset that a question is about.
fn at<'a>(snapshot: &'a Snapshot, params: &TextDocumentPositionParams) -> Option<(Place<'a>, TextSize)> {
    let place = snapshot.place(&params.text_document.uri)?;
    Some((place, place.offset(params.position)))
}

/// Which stage of which function to show.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DumpParams {
    pub(crate) text_document: TextDocumentIdentifier,
    /// Where the function stands; the whole module without it.
    pub(crate) position: Option<Position>,
    /// A name of `cinder/stages`.
    pub(crate) stage: String,
}

/// A stage as text.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Dump {
    /// For the heading of the view.
    pub(crate) title: String,
    pub(crate) text: String,
}

/// What a `cinder/dump` is about.
#[derive(Debug)]
pub(crate) struct DumpTarget {
    stage: String,
    path: PathBuf,
    function: Option<String>,
    /// The editor has another text than the disk.
    is_edited: bool,
}

impl DumpTarget {
    /// Has the stage made. What is wrong with the program is an answer, too.
    pub(crate) fn dump(&self, host: &dyn Host) -> Dump {
        let function = self.function.as_deref();
        let text = host.dump(&self.stage, &self.path, function).unwrap_or_else(|error| error);
        let note = if self.is_edited { "# of the file as it was saved last\n" } else { "" };
        Dump { title: format!("{} of {}", self.stage, function.unwrap_or("the module")), text: format!("{note}{text}") }
    }
}

/// Finds the file and the function of a `cinder/dump`.
pub(crate) fn dump_target(snapshot: &Snapshot, params: &DumpParams) -> Answer<DumpTarget> {
    let place = snapshot.place(&params.text_document.uri).ok_or_else(|| Error::invalid_params("no such document"))?;
    let path = place.file.path(place.db()).as_disk().ok_or_else(|| Error::invalid_params("save the file first"))?;
    let function = params
        .position
        .and_then(|position| cinder_ide::symbols::function_at(place.db(), place.file, place.offset(position)));
    let saved = place.db().system().read(path).unwrap_or_default();
    let is_edited = saved != place.text().as_bytes();
    Ok(DumpTarget { stage: params.stage.clone(), path: path.to_path_buf(), function, is_edited })
}

/// `cinder/stages`.
pub(crate) fn stages(snapshot: &Snapshot, _: &serde_json::Value) -> Answer<Vec<String>> {
    Ok(snapshot.host.stages())
}

/// `cinder/stubText`: the text of a bundled stub, for clients that open `cinder-stub:` addresses.
pub(crate) fn stub_text(snapshot: &Snapshot, params: &TextDocumentIdentifier) -> Answer<Option<String>> {
    let Some(place) = snapshot.place(&params.uri) else { return Ok(None) };
    let is_stub = matches!(place.file.path(place.db()), FilePath::Vendored(_));
    Ok(is_stub.then(|| source_text(place.db(), place.file).to_string()))
}
