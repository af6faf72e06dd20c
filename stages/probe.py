"""Stage `probe`: what the trained networks of one cell remember, beside untrained ones."""

from pathlib import Path

from tqdm import tqdm

from sentiment import command, encoding, files, params, runtime, seeds
from sentiment.prediction import Kind, Predictor
from sentiment.probes import influence, layers, sentences
from sentiment.training import Trainer


def probe(
    protocol: str,
    model: str,
    tokens: Path,
    vocabulary: Path,
    vectors: Path,
    folder: Path,
    record: Path,
) -> None:
    """Read weights from FOLDER and the test reviews of TOKENS; write RECORD (JSON)."""
    settings = params.load()
    described, asked, recipe = settings.models[model], settings.memory, settings.train
    runtime.configure(recipe.threads)
    reviews = encoding.load(tokens).select("test")
    places = influence.places(reviews, asked.reviews, asked.lags)
    length, shape = settings.protocols[protocol].length, described.model_dump()
    kind = Kind(protocol=protocol, length=length, dropout=recipe.dropout, **shape)
    found = []
    for seed in tqdm(settings.seeds, desc=f"{protocol} {model}", unit=" seeds", disable=None):
        predictor = Predictor(kind, vocabulary, vectors, seeds.weights(folder, seed))
        given = predictor.vectors, places, asked.lags, reviews.ids
        trained = layers.measure(predictor.classifier, *given)
        read = [
            layers.rounded(sentences.read(predictor, sentence.text, sentence.at))
            for sentence in asked.sentences
        ]
        # The very weights that this training began with.
        Trainer(predictor.classifier, predictor.vectors, recipe).reset(seed)
        untrained = layers.measure(predictor.classifier, *given)
        of_seed = {"trained": trained, "untrained": untrained, "sentences": read}
        found.append({"seed": seed, **of_seed})
    arithmetic = layers.weights_per_gate(predictor.classifier)
    about = {"protocol": protocol, "model": model, **shape, **arithmetic}
    about |= {"reviews": len(places.at), "test_reviews": len(reviews.ids)}
    files.write_json(record, {**about, "seeds": found})


if __name__ == "__main__":
    command.run(probe)
