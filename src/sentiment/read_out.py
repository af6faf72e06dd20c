"""Dropout, flatten and the one sigmoid unit at the end of a classifier, forward and back.

Without the copies that dropout and flattening would be, one direction of the layer at a time.

Shapes: time T, batch B, units U, width of all directions D; arrays are float32 and C contiguous.
`bits` are uint16 [T, B, D], and states whose bits lie below `threshold` are dropped.
"""

import numpy as np

from sentiment.steps import compiled


@compiled
def logits(states, weights, bits, offset, threshold, scale, found):
    """Add to `found` [B] what `states` [T, B, U], times `scale`, contribute to the log odds.

    `weights` [T, D] is the unit's kernel; the direction's part begins at `offset`.
    """
    steps, batch, units = states.shape
    for time in range(steps):
        row = weights[time, offset : offset + units]
        for b in range(batch):
            drawn = bits[time, b, offset : offset + units]
            total = np.float32(0)
            for u in range(units):
                kept = scale if drawn[u] >= threshold else np.float32(0)
                total += states[time, b, u] * row[u] * kept
            found[b] += total


@compiled
def gradients(states, weights, bits, offset, threshold, scale, d_logits, d_states, d_weights):
    """Fill in the gradients of `states` and of the direction's part of `weights`."""
    steps, batch, units = states.shape
    for time in range(steps):
        row = weights[time, offset : offset + units]
        d_row = d_weights[time, offset : offset + units]
        for b in range(batch):
            drawn = bits[time, b, offset : offset + units]
            for u in range(units):
                kept = (scale if drawn[u] >= threshold else np.float32(0)) * d_logits[b]
                d_states[time, b, u] = row[u] * kept
                d_row[u] += states[time, b, u] * kept
