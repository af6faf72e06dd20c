"""The page on memory: each claim, what was measured, and what follows, with captions."""

from sentiment.reporting.memory import accuracies, effects
from sentiment.reporting.memory.gathered import Gathered


def markdown(found: Gathered) -> str:
    """All of it, a section a question."""
    first = [record["model"] for record in found.probed]
    main = found.summary[found.summary.model.isin(first)]
    seeds, reviews = found.curves.seed.nunique(), found.probed[0]["reviews"]
    gates = found.gates[found.gates.model.isin(first)]
    margin = found.params.questions.margin
    parts = [
        f"# What a network remembers: protocol `{found.protocol}`",
        *effects.influence(main, effects.gated(found.probed), seeds, reviews),
        *effects.norms_of_vectors(found, reviews),
        *effects.read_outs(found.summary, found.runs),
        *effects.planted(found.fits, found.params),
        *effects.sentences(found.probed, found.params, seeds),
        *effects.gates(gates, found.probed, seeds),
        *accuracies.read_outs(found.runs, seeds, margin),
        *accuracies.linear(found.linear, margin),
        *accuracies.orders(found.scores, seeds, margin),
    ]
    return "\n\n".join(parts) + "\n"
