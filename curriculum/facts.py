"""What other parts may read of curriculum."""

from django.db.models import QuerySet

from curriculum.models import Competence


def competences(framework_key: str = "entrecomp") -> QuerySet[Competence]:
    """The competences of one framework, in its own order."""
    return Competence.objects.filter(framework__key=framework_key).order_by("order", "code")
