"""How form fields are drawn: as Django draws them, but for lists to choose from and what is said of a field left empty.

Django draws every option by a template of its own: a county's four hundred schools took longer than the whole page around them.
"""

from html import escape

from django.forms import BoundField, CheckboxInput, Field, FileInput
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import ChoiceWidget
from django.utils.safestring import mark_safe


class AskingField(BoundField):
    """A field that was left empty says what to enter, by its label: "这个字段是必填项" told nobody which field."""

    @property
    def errors(self):
        found = super().errors
        if self.field.error_messages["required"] is Field.default_error_messages["required"]:  # a form may have its own sentence
            for problem in found.data:
                if problem.code == "required":
                    problem.message = sentence(self.label, self.field.widget)
        return found


def sentence(label, widget):
    if isinstance(widget, FileInput):
        return f"请选择“{label}”的文件。"
    return f"请{'选择' if isinstance(widget, ChoiceWidget | CheckboxInput) else '填写'}“{label}”。"


class QuickLists(DjangoTemplates):
    """settings.FORM_RENDERER"""

    bound_field_class = AskingField

    def render(self, template_name, context, request=None):
        if template_name == "django/forms/widgets/select.html":
            return select(context["widget"])
        return super().render(template_name, context, request)


def select(widget):
    """The element of a Select's context (Widget.get_context), with the same content as Django's own template."""
    groups = "".join(group(name, options) for name, options, _ in widget["optgroups"])
    return mark_safe(f'<select name="{plain(widget["name"])}"{attributes(widget["attrs"])}>{groups}</select>')  # noqa: S308


def group(name, options):
    drawn = "".join(f'<option value="{plain(one["value"])}"{attributes(one["attrs"])}>{plain(one["label"])}</option>' for one in options)
    return f'<optgroup label="{plain(name)}">{drawn}</optgroup>' if name else drawn


def attributes(attrs):
    """` id="x" required`: False is left out, True stands alone."""
    given = ((name, value) for name, value in attrs.items() if value is not False) if attrs else ()
    return "".join(f" {plain(name)}" if value is True else f' {plain(name)}="{plain(value)}"' for name, value in given)


def plain(value):
    """As a template prints it: escaped, unless it is marked as safe."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))
