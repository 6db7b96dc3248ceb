"""Files of Entropy and Extropy: population specs and what their scenarios add, as resolved populations.

Takes the text of documents, gives a `Population` with notes that declare their meaning, or a native spec.
Touches no disk, and never runs the Python that those files hold.
"""

from __future__ import annotations

from worldwright.spec.entropy.importing import Imported, import_spec
from worldwright.spec.entropy.load import base_of, is_population, is_scenario, load_entropy

__all__ = ["Imported", "base_of", "import_spec", "is_population", "is_scenario", "load_entropy"]
