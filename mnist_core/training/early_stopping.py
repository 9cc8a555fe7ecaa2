"""Early stopping: when a run ends before its last epoch, and which epoch's network it keeps.

The rules are those of Keras's `EarlyStopping(patience=…, restore_best_weights=True)`, which watches the
validation loss. They read the losses so far and nothing else, so that a training that was interrupted ends
where a whole one does.
"""

from collections.abc import Sequence

import numpy as np


def best_epoch(validation_losses: Sequence[float]) -> int:
    """The epoch, from 1, with the lowest loss, the first of equal ones; 1 where none is finite."""
    return 1 + int(np.argmin(np.where(np.isfinite(validation_losses), validation_losses, np.inf)))


def is_over(validation_losses: Sequence[float], patience: int) -> bool:
    """Whether a run ends after these epochs, because as many as its patience brought no lower loss.

    Args:
        validation_losses: Of each epoch so far.
        patience: In epochs; 0 never ends a run.
    """
    n_epochs = len(validation_losses)
    if not patience or n_epochs <= 1:
        return False
    has_best = np.isfinite(validation_losses).any()
    return n_epochs - (best_epoch(validation_losses) if has_best else 0) >= patience
