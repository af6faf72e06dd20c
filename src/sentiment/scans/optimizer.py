"""RMSprop as Keras has it, in place."""

import numpy as np

from sentiment.scans.compiling import kept

# Keras' defaults.
RHO, EPSILON = np.float32(0.9), np.float32(1e-7)


@kept
def rmsprop(weight, velocity, gradient, learning_rate):
    """Move `weight` and the mean square `velocity` of its gradients; float32, one dimension."""
    one = np.float32(1)
    for index in range(weight.size):
        g = gradient[index]
        velocity[index] = RHO * velocity[index] + (one - RHO) * g * g
        weight[index] -= learning_rate * g / np.sqrt(velocity[index] + EPSILON)
