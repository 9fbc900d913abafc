"""Cases that were there before standings: what each says of its child, as dropout.actions.standing writes it from now on."""

from datetime import timedelta

from django.db import migrations

from students.rules.standings import standing_of_reason

OF_STATE = {
    "suspected": "suspected", "removal_proposed": "suspected", "confirmed": "dropout", "persuading": "dropout", "returned": "returned",
    "consolidating": "returned",
}  # fmt: skip


def record(apps, schema_editor):
    Standing, Case = apps.get_model("students", "Standing"), apps.get_model("dropout", "Case")
    made = []
    for case in Case.objects.exclude(state="closed").order_by("pk"):
        last = case.events.order_by("-pk").first()
        code, reason, until = OF_STATE.get(case.state), "", None
        if case.removal_from in ("confirmed", "persuading"):
            code = "dropout"
        if case.state == "removed":
            removal = case.removals.filter(decision="approved").order_by("-pk").first()
            code, reason = standing_of_reason(removal.reason, removal.sub_reason)
            until = case.removal_expires_on and case.removal_expires_on + timedelta(days=1)
        since = last.happened_on if last else case.opened_on
        made.append(
            Standing(
                child_id=case.child_id, code=code, reason=reason, since=since, until=until, source="case", reference=str(case.public_id)
            )
        )
    Standing.objects.bulk_create(made, batch_size=1000)


def forget(apps, schema_editor):
    apps.get_model("students", "Standing").objects.filter(source="case").delete()


class Migration(migrations.Migration):
    dependencies = [("dropout", "0001_initial"), ("students", "0002_standing")]
    operations = [migrations.RunPython(record, forget)]
