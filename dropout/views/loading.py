"""What the views share: one case within scope, one act tried."""

from django.core.exceptions import ValidationError

from core.pictures import PictureRefused
from core.scope import get_visible
from core.workflow import Refused
from dropout.models import Case


def get_case(user, public_id, permission="see_cases"):
    return get_visible(Case.objects.with_places(), user, permission, public_id=public_id)


def attempt(form, act, **arguments):
    """Run the act with the form's facts. False, and the sentence in the form, where it was refused; its own transaction is undone."""
    try:
        act(**arguments, **form.facts())
    except (Refused, PictureRefused) as refusal:
        form.add_error(None, ValidationError(str(refusal), code=type(refusal).__name__))
        return False
    return True
