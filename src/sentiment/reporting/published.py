"""Accuracies that were printed before us, after two epochs, one run each."""

# The lesson on bidirectional networks: model -> (acc, val acc). It has no row for rnn-50.
LESSON = {
    "birnn-50": (0.8156, 0.7662),
    "birnn-40": (0.8244, 0.7540),
    "birnn-30": (0.8259, 0.7874),
    "birnn-20": (0.8072, 0.8076),
    "birnn-10": (0.8007, 0.8016),
    "birnn-5": (0.7973, 0.8006),
    "birnn-1": (0.7070, 0.7822),
    "lstm-50": (0.8692, 0.8678),
}
# The protocol that repeats the lesson; its figures mean nothing beside another.
LESSON_PROTOCOL = "lecture"
