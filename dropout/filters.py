"""Which cases the ledger shows."""

import django_filters
from django.db.models import F, Q

from core.models import Organization
from dropout.codes import CaseState
from dropout.models import Absence, Case
from students.filters import AreaFilter, SchoolFilter

DUE = [("open", "未销号、未核减"), ("today", "今天到期或已逾期"), ("overdue", "已逾期"), ("expiring", "核减即将到期"), ("closing", "销号待批准")]


def townships_of(request):
    return Organization.objects.filter(pk__in=Case.objects.visible_to(request.user, "see_cases").values("township")).order_by("code")


def schools_of(request):
    return Organization.objects.filter(pk__in=Case.objects.visible_to(request.user, "see_cases").values("school")).order_by("code")


class CaseFilter(django_filters.FilterSet):
    """Give `on`, the day by which something is overdue."""

    q = django_filters.CharFilter(label="姓名或个案号", method="by_text", max_length=40)
    state = django_filters.ChoiceFilter(label="状态", choices=CaseState.choices, empty_label="全部")
    township = AreaFilter(queryset=townships_of)
    school = SchoolFilter(queryset=schools_of)
    due = django_filters.ChoiceFilter(label="要办的", choices=DUE, method="by_due", empty_label="全部")

    class Meta:
        model = Case
        fields = []

    def __init__(self, *arguments, on, **options):
        super().__init__(*arguments, **options)
        self.on = on

    def by_text(self, cases, _name, text):
        text = text.strip()
        return cases.filter(Q(child__name__icontains=text) | Q(number__contains=text))

    def by_due(self, cases, _name, which):
        return {
            "open": cases.open, "overdue": lambda: cases.overdue(self.on),
            "today": lambda: cases.open().filter(due_on__lte=self.on), "expiring": lambda: cases.expiring(self.on),
            "closing": lambda: cases.with_pending_closing(),
        }[which]()


ABSENCE_STATES = [("open", "未到校"), *Absence.State.choices]
RECEIPTS = [("mine", "等我签收"), ("township", "乡镇未签收"), ("bureau", "教育局未签收"), ("late", "未及时报告"), ("weeks", "满规定周数")]


class AbsenceFilter(django_filters.FilterSet):
    """Which absences the list shows. Give `waiting`, the condition on those that wait for this person's receipt (None: none do)."""

    q = django_filters.CharFilter(label="姓名或报告编号", method="by_text", max_length=40)
    state = django_filters.ChoiceFilter(label="状态", choices=ABSENCE_STATES, method="by_state", empty_label="全部")
    receipt = django_filters.ChoiceFilter(label="要办的", choices=RECEIPTS, method="by_receipt", empty_label="全部")

    class Meta:
        model = Absence
        fields = []

    def __init__(self, *arguments, waiting, **options):
        super().__init__(*arguments, **options)
        self.waiting = waiting

    def by_text(self, absences, _name, text):
        text = text.strip()
        return absences.filter(Q(child__name__icontains=text) | Q(report__number__contains=text))

    def by_state(self, absences, _name, state):
        return absences.open() if state == "open" else absences.filter(state=state)

    def by_receipt(self, absences, _name, which):
        lacking = {side: absences.filter(report__isnull=False).exclude(report__receipts__side=side) for side in ("township", "bureau")}
        return {
            "mine": lambda: absences.filter(self.waiting) if self.waiting else absences.none(), "bureau": lambda: lacking["bureau"],
            "township": lambda: lacking["township"].filter(report__township__isnull=False),
            "late": lambda: absences.due().exclude(report__delivered_at__lte=F("due_at")),
            "weeks": lambda: absences.open().exclude(weeks_on=None),
        }[which]()  # fmt: skip
