"""The champion as MLflow serves it: this file runs, with the modules and files logged beside it.

`champion` logs it as code, so that nothing is pickled.
"""

from pathlib import Path

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from sentiment.errors import UserError
from sentiment.prediction.predictor import Kind, Prediction, Predictor
from sentiment.storage.files import read_json


class Served(PythonModel):
    """Column `text` in; label, probability (of positive) and tokens used out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the files, and compile: the first request would wait for seconds."""
        files = {name: Path(path) for name, path in context.artifacts.items()}
        kind = Kind(**read_json(files.pop("kind")))
        self.predictor = Predictor(kind, **files)
        self.predictor.predict([" ".join(self.predictor.words[:100])])

    def predict(  # type: ignore[override]  # MLflow passes what is asked for.
        self, model_input: pd.DataFrame
    ) -> pd.DataFrame:
        """A row for each text; what is wrong with a text is the request's error, 400."""
        try:
            found = self.predictor.predict(model_input["text"].tolist())
        except UserError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None
        return pd.DataFrame(found, columns=Prediction._fields)


set_model(Served())
