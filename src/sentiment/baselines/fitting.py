"""What much simpler models score: scikit-learn, fitted on the training part, one seed, one thread.

A baseline is fitted on the rows it is handed and on nothing else: vocabularies, weights and ratios
never see a validation or a test review.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.pipeline import Pipeline

from sentiment.measures import classes, scores


def fit(model: Pipeline, reviews: pd.DataFrame) -> Pipeline:
    """`model` fitted anew, on all of `reviews` and on no other."""
    return model.fit(reviews, _labels(reviews))


def predict(model: Pipeline, reviews: pd.DataFrame) -> pd.DataFrame:
    """Columns id, part, label, predicted (int8) and score (float64), one row for each review.

    `score` is the probability of the second of two classes where the baseline has one, and
    otherwise a signed distance from the decision; `predicted` is 1 above one half, or above 0. Of
    more classes there is a score_<class> for each, and the highest is predicted.
    """
    has_chances = hasattr(model, "predict_proba")
    given = model.predict_proba(reviews) if has_chances else model.decision_function(reviews)
    if len(model.classes_) == 2:
        score = given[:, 1] if has_chances else given
        called, scored = score > (0.5 if has_chances else 0.0), {"score": score}
    else:
        called = model.classes_[given.argmax(1)]
        scored = {f"score_{n}": column for n, column in zip(model.classes_, given.T, strict=True)}
    return pd.DataFrame(
        {
            "id": reviews.id.to_numpy(),
            "part": reviews.part.to_numpy(),
            "label": _labels(reviews),
            "predicted": called.astype(np.int8),
            **scored,
        }
    )


def metrics(model: Pipeline, predicted: pd.DataFrame) -> dict[str, float]:
    """The metrics of a network, without loss and Brier score where there are no probabilities.

    AUC needs only an order, which a signed distance gives as well.
    """
    labels, has_chances = predicted.label.to_numpy(), hasattr(model, "predict_proba")
    if "score" not in predicted:
        return _of_more(labels, predicted, has_chances)
    score = predicted.score.to_numpy()
    if has_chances:
        return scores.metrics(labels, score)
    return {
        "acc": float(accuracy_score(labels, predicted.predicted)),
        "auc": float(roc_auc_score(labels, score)),
        "f1": float(f1_score(labels, predicted.predicted)),
        "positive": float(predicted.predicted.mean()),
    }


def _of_more(labels: np.ndarray, predicted: pd.DataFrame, has_chances: bool) -> dict[str, float]:
    """The same for more than two classes."""
    given = predicted.filter(regex=r"^score_\d+$").to_numpy()
    if has_chances:
        return scores.metrics(labels, given)
    return {
        "acc": float(accuracy_score(labels, predicted.predicted)),
        "auc": classes.one_against_rest(labels, given),
        "f1": float(f1_score(labels, predicted.predicted, average="macro", zero_division=0)),
    }


def record(model: Pipeline, predicted: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Number of features, then what the record of a network holds, as far as there is any.

    `predicted` holds what `predict` gave for "train", "validation" and, if it was asked, "test".
    """
    found = {"features": model[-1].n_features_in_}
    for prefix, part in (("fitted_", "train"), ("val_", "validation"), ("test_", "test")):
        if part in predicted:
            values = metrics(model, predicted[part])
            found |= {prefix + name: value for name, value in values.items()}
    return found


def _labels(reviews: pd.DataFrame) -> np.ndarray:
    return reviews.label.to_numpy(np.int8)
