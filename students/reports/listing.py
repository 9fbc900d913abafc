"""Which children a query asks for, in which order, with which columns: the same for the page, the workbook and the job."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.core.paginator import Paginator

from core.scope import is_county_wide
from students import filters
from students.models import Tally
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
    total: int | None = None  # how many children there are, where that is known without counting them

    def paginator(self, size):
        paginator = Paginator(report.in_pages(self.children, self.sort, self.on), size)
        if self.total is not None:
            paginator.count = self.total
        return paginator


def read_listing(query, *, search, user, permission, on):
    """The listing that a query (QueryDict) and a search ask for, within the scope that `user` has for `permission`."""
    chosen = filters.ChildFilter(query, queryset=report.children_of(user, permission), request=SimpleNamespace(user=user), on=on)
    sort = query.get("sort", "name")
    children = report.ordered(filters.find(chosen.qs, search), sort, on)
    asked = chosen.form.cleaned_data if chosen.form.is_valid() else {"": "what cannot be read"}
    everybody = search is None and not any(asked.values()) and is_county_wide(user, permission)
    total = Tally.of(Tally.CHILDREN) if everybody else None
    return Listing(children, chosen, search, report.chosen_columns(query.getlist("col")), sort, on, asked.get("school"), total)
