"""Writing a document from its brief with a language model; the one op that talks to the network."""

import os

import dagster as dg
from pydantic import Field

from assets.failures import explained
from assets.resources import Workspace
from worldwright.architect import ModelSettings
from worldwright.project.author import accept_document
from worldwright.project.author import author_document as author_with_model


class Authoring(dg.Config):
    """Which document to author, and how."""

    document: str = Field(description="The document's path in the project: specs/populations/NAME.yaml")
    accept: bool = Field(default=False, description="It answers its brief as it stands: only renew its lock")
    overwrite: bool = Field(default=False, description="Also replace what was written or edited by hand")


@dg.op
def author_document(context: dg.OpExecutionContext, workspace: Workspace, config: Authoring) -> None:
    """Author or accept one document; without a model configured it fails with what to set."""
    project = workspace.project()
    document = project.root / config.document
    with explained():
        if config.accept:
            done = accept_document(project, document)
        else:
            done = author_with_model(project, document, model_settings(), overwrite=config.overwrite)
    context.add_output_metadata(
        {
            "document": dg.MetadataValue.path(done.document),
            "lock": dg.MetadataValue.path(done.lock),
            "author": done.author,
            "calls": done.calls,
            "tokens": done.tokens,
        }
    )


def model_settings() -> ModelSettings | None:
    """The model that the environment names, as for `worldwright author`; None where it names none."""
    model = os.environ.get("WORLDWRIGHT_MODEL")
    if not model:
        return None
    return ModelSettings(
        model=model,
        base_url=os.environ.get("WORLDWRIGHT_BASE_URL"),
        api_key=os.environ.get("OPENAI_API_KEY"),
    )
