"""Saying what is wrong with a form at the field that it is about.

A view gives the page `problem`, a sentence, and `problem_field`, the name of a field or nothing.
"""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
NOTHING = SafeString("")


@register.simple_tag(takes_context=True)
def marked(context: dict[str, Any], field: str, described: str = "") -> SafeString:
    """Write the attributes of a field: what describes it, and where the problem is about it that it is invalid.

    Such a field is told by the problem's sentence and has the focus when the page opens.
    """
    if not _is_about(context, field):
        return format_html(' aria-describedby="{}"', described) if described else NOTHING
    words = " ".join(filter(None, [f"problem-{field}", described]))
    return format_html(' aria-invalid="true" aria-describedby="{}" autofocus', words)


@register.simple_tag(takes_context=True)
def complaint(context: dict[str, Any], field: str) -> SafeString:
    """Write the problem's sentence where it is about this field."""
    if not _is_about(context, field):
        return NOTHING
    return format_html('<p class="errors" id="problem-{}">{}</p>', field, context["problem"])


def _is_about(context: dict[str, Any], field: str) -> bool:
    return bool(field and context.get("problem")) and context.get("problem_field") == field
