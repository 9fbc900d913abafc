"""Which children a query asks for, in which order, with which columns: the same for the page, the workbook and the job."""

from dataclasses import dataclass
from types import SimpleNamespace

from students import filters
from students.reports import children as report


@dataclass
class Listing:
    """What an address asks for."""

    children: object
    filter: filters.ChildFilter
    search: filters.Search | None
    columns: list
    sort: str
    on: object
    school: object = None


def read_listing(query, *, search, user, permission, on):
    """The listing that a query (QueryDict) and a search ask for, within the scope that `user` has for `permission`."""
    chosen = filters.ChildFilter(query, queryset=report.children_of(user, permission), request=SimpleNamespace(user=user), on=on)
    sort = query.get("sort", "name")
    children = report.ordered(filters.find(chosen.qs, search), sort, on)
    school = chosen.form.cleaned_data.get("school") if chosen.form.is_valid() else None
    return Listing(children, chosen, search, report.chosen_columns(query.getlist("col")), sort, on, school)
