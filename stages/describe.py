"""Stage `describe`: what each model is, a file each, so that a cell depends on its own alone."""

from pathlib import Path

from sentiment.errors import UserError
from sentiment.networks import classifiers, engines
from sentiment.networks.descriptions import Description
from sentiment.running import code, stage
from sentiment.settings import params
from sentiment.settings.investigations import EXPERIMENTS
from sentiment.storage import files


def describe(folder: Path) -> None:
    """Build every entry of `models:` once, and write its description (JSON) to FOLDER.

    A description has what params.yaml says of the model and of training, what it leaves open, the
    units that the classes of the data ask for, and the digest of the architecture's code. A folder
    for each experiment has those of its models, so that no other model makes it stale.
    """
    settings = params.load()
    shape = {
        "length": min(protocol.length for protocol in settings.protocols.values()),
        "dimensions": settings.vectors.dimensions,
    }
    with files.atomic_path(folder) as temporary:
        temporary.mkdir()
        for name, model in settings.models.items():
            described = Description(
                **model.model_dump(),
                outputs=settings.dataset.outputs,
                engine=engines.able(model.architecture, settings.train.engine),
                recipe=settings.train.model_dump(),
                architecture_code=code.of_architecture(model.architecture),
            )
            try:
                classifiers.build(described, **shape, dropout=settings.train.dropout)
            except (TypeError, ValueError) as error:
                reason = " ".join(str(error).split())
                raise UserError(
                    f"models.{name}: src/sentiment/architectures/{model.architecture}.py gives no "
                    f"classifier of {shape['length']} words: {reason}"
                ) from None
            described.write(temporary / f"{name}.json")
            for experiment in EXPERIMENTS:
                if name in getattr(settings, experiment).models:
                    described.write(temporary / experiment / f"{name}.json")


if __name__ == "__main__":
    stage.run(describe)
