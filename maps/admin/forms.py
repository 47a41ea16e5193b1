"""The form of every administered row: geometries pass the guard, broken rules of the database are said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from maps.admin.geometry import GeometryTextField

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm
# Parts of the names of the database's rules, and what each of them means.
RULES = {
    "_owner_once_at_a_time": _("There is an owner in that time already: end that responsibility first."),
    "_once_at_a_time": _("There is a row of this kind already that holds in part of that time."),
    "_one_holder": _("Choose exactly one: a person, a team or an organisation."),
    "_one_place": _("Choose exactly one place: a grid, a checkpoint, a stairwell or a zone."),
    "membership_staff_has_organisation": _("Staff of a body need the organisation they belong to."),
    "region_code_fits_level": _("A district's code has 6 digits, a subdistrict's 9 and a community's 12."),
    "criterion_linear_whole": _("Give both, “per metres” and “at least”, or neither."),
    "_valid": _("The geometry is not valid."),
    "building_is_area": _("A building is an area."),
    "_source": _("There is a row with this source and id already."),
    "availability_order": _("The end has to lie after the beginning."),
    "availability_weekday": _("The days of the week are 1 to 7."),
    "category_code_digits": _("A category's code has five digits."),
    "category_limit_positive": _("The limit has to be longer than nothing."),
    "person_quiet_hours_whole": _("Give both ends of the quiet hours, or neither."),
}


class ScopedForm(_ModelForm):
    """A model's form that keeps untouched geometries and speaks plainly.

    `fixed` names fields that are set when a row is made and shown afterwards.
    """

    fixed: tuple[str, ...] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is not None:
            for name in set(self.fixed) & set(self.fields):
                self.fields[name].disabled = True
        for name, field in self.fields.items():
            if isinstance(field, GeometryTextField) and self.instance.pk is not None:
                field.stored = getattr(self.instance, name)

    def _update_errors(self, errors: ValidationError) -> None:
        super()._update_errors(in_words(errors))  # type: ignore[misc]


def in_words(errors: ValidationError) -> ValidationError:
    """Return the errors of a model's check, with the rules of the database said in words."""
    if not hasattr(errors, "error_dict"):
        return ValidationError([_said(one) for one in errors.error_list])
    return ValidationError({name: [_said(one) for one in found] for name, found in errors.error_dict.items()})


def _said(error: ValidationError) -> ValidationError:
    text = " ".join(error.messages)
    if "“" not in text or error.code not in {None, "invalid"}:
        return error
    words = next((words for part, words in RULES.items() if f"{part}”" in text), None)
    return ValidationError(words, code="rule") if words else error
