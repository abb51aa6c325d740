"""Index of the tables of curriculum."""

from curriculum.competences.models import Competence, Framework

__all__ = ["Competence", "Framework"]
