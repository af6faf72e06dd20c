"""What tables and pictures say of classes, in the words of the data set."""

from collections.abc import Mapping
from typing import NamedTuple

MEASURES = "The same networks on the test reviews by other measures. "
OF_TWO = (
    "AUC is the share of pairs of reviews, one {second} and one {first}, that a network puts in "
    "the right order; it does not depend on a threshold. The tuned threshold is the one that is "
    "best on validation. Log loss, Brier score and calibration error (the mean distance between a "
    "probability and how often it is right, in ten bins) are lower where probabilities are better. "
    "The last column is the share of reviews called {second}, the least and the most of any seed; "
    "{share} of the reviews are {second}:"
)
OF_MORE = (
    "AUC and F1 are means over the {count} classes, each against the others; AUC is the share of "
    "pairs of a review of the class and another one that the probability of the class puts in the "
    "right order. Log loss, Brier score, which adds up all classes, and calibration error (the "
    "mean distance between the probability of the class that is called and how often that is "
    "right, in ten bins) are lower where probabilities are better:"
)


class Wording(NamedTuple):
    """Names of the classes, and by protocol the share of test reviews of the last one."""

    classes: tuple[str, ...]
    shares: Mapping[str, float]

    @property
    def second(self) -> str | None:
        """The class that a threshold calls; None where there are more than two."""
        return self.classes[1] if len(self.classes) == 2 else None

    def measures(self, protocol: str) -> str:
        """What stands above the table of measures."""
        if self.second is None:
            return MEASURES + OF_MORE.format(count=len(self.classes))
        words = {"first": self.classes[0], "second": self.second, "share": self.share(protocol)}
        return MEASURES + OF_TWO.format(**words)

    def share(self, protocol: str) -> str:
        """The share of test reviews that are of the second class, in words."""
        share = self.shares[protocol]
        return "half" if share == 0.5 else f"{100 * share:.0f} %"
