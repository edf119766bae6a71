"""What an audit found, for reports: errors, comparisons, hazards, drift, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from verifier.audit.against import Comparison
from verifier.audit.deploy import Keeping, keeping
from verifier.audit.drift import Drift, drift
from verifier.audit.functions import Accuracy
from verifier.audit.hazards import Hazard, hazards
from verifier.audit.model import Audit
from verifier.audit.nonfinite import NonFinite, first


def cpu_features() -> tuple[str, ...]:
    """The instruction sets that NumPy found; its exp and tanh differ between them."""
    config: Mapping[str, Mapping[str, list[str]]] = np.show_config(mode="dicts")  # type: ignore[assignment]
    found = config.get("SIMD Extensions", {})
    return tuple(sorted({*found.get("baseline", ()), *found.get("found", ())}))


@dataclass(frozen=True, eq=False)
class Findings:
    """An audit with what goes with it; `accuracy` is what is assumed of exp, tanh and log1p."""

    audit: Audit
    accuracy: Accuracy
    comparisons: tuple[Comparison, ...] = ()
    numpy: str = np.__version__
    features: tuple[str, ...] = field(default_factory=cpu_features)

    @cached_property
    def hazards(self) -> tuple[Hazard, ...]:
        """Entries that floats print with other digits."""
        return hazards(self.audit)

    @cached_property
    def keeping(self) -> tuple[Keeping, ...]:
        """What of the certified digits each format keeps."""
        return keeping(self.audit)

    @cached_property
    def lost(self) -> tuple[NonFinite, ...]:
        """Where formats leave the finite numbers in the stated model, for those that do."""
        problem, models = self.audit.solution.problem, self.audit.models
        lossy = (model for model in models if not self.finite(model.float))
        return tuple(filter(None, (first(problem, model) for model in lossy)))

    def finite(self, float: str) -> bool:
        """Whether every entry that was computed in a format is a finite number."""
        rows = (row for row in self.audit.measured.values() if row.float == float)
        return all(bool(row.finite.all()) for row in rows)

    @cached_property
    def drift(self) -> tuple[Drift, ...]:
        """Errors and bounds against the step number."""
        return drift(self.audit)

    @property
    def sound(self) -> bool:
        """Whether every implementation is inside its bound."""
        return all(comparison.inside for comparison in self.comparisons)
