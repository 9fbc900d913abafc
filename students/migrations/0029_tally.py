# What is there already is counted once; the triggers go on from it.

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

COUNTED = """
insert into students_tally (what, amount)
select 'children', count(*) from students_child where merged_into_id is null union all select 'households', count(*) from students_household
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0006_units_stay'),
        ('students', '0028_labels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=10)),
                ('amount', models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name='enrolment',
            name='enrolment_school',
        ),
        migrations.AlterField(
            model_name='household',
            name='village',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organization'),
        ),
        migrations.AddIndex(
            model_name='accountnow',
            index=models.Index(condition=models.Q(('home', None), ('on_roll', False), ('attending', False), _connector='OR'), fields=['on_roll', 'attending'], name='account_now_few'),
        ),
        migrations.AddIndex(
            model_name='child',
            index=models.Index(condition=models.Q(('merged_into', None)), fields=['birth_on', 'id'], name='child_birth_order'),
        ),
        migrations.AddIndex(
            model_name='child',
            index=models.Index(condition=models.Q(('merged_into', None), ('number_state__in', ['invalid', 'none'])), fields=['number_state'], name='child_unproven'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['school', 'child'], include=('kind', 'counts', 'since', 'until'), name='enrolment_of_school'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('accepted', False)), fields=['child'], name='enrolment_second_claim'),
        ),
        migrations.AddIndex(
            model_name='listrow',
            index=models.Index(condition=models.Q(('number_state', 'invalid')), fields=['child'], name='list_row_invalid'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['village', 'number'], name='household_village'),
        ),
        migrations.AddIndex(
            model_name='listrow',
            index=models.Index(condition=models.Q(('child', None), ('identity__isnull', False), ('until', None)), fields=['birth_on'], name='list_row_alone'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='child',
            trigger=pgtrigger.compiler.Trigger(name='tally_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="insert into students_tally (what, amount) select 'children', sum(x.one) from (select 1 as one from fresh n where n.merged_into_id is null) x having sum(x.one) <> 0; return null;", hash='05275f06f79e290b9206e6a2ecbd752e5ade2d42', level='STATEMENT', operation='INSERT', pgid='pgtrigger_tally_insert_909da', referencing='REFERENCING NEW TABLE AS fresh ', table='students_child', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='child',
            trigger=pgtrigger.compiler.Trigger(name='tally_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="insert into students_tally (what, amount) select 'children', sum(x.one) from (select 1 as one from fresh n where n.merged_into_id is null union all select -1 as one from former n where n.merged_into_id is null) x having sum(x.one) <> 0; return null;", hash='3edf7dc2c9c585b7948260d1cc93a0d7ff0cddbb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_tally_update_b8af1', referencing='REFERENCING OLD TABLE AS former  NEW TABLE AS fresh ', table='students_child', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='child',
            trigger=pgtrigger.compiler.Trigger(name='tally_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="insert into students_tally (what, amount) select 'children', sum(x.one) from (select -1 as one from former n where n.merged_into_id is null) x having sum(x.one) <> 0; return null;", hash='7aead92e7ec42fe22ad44d64388670c4e59a9f9f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_tally_delete_3411e', referencing='REFERENCING OLD TABLE AS former ', table='students_child', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='tally_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="insert into students_tally (what, amount) select 'households', sum(x.one) from (select 1 as one from fresh n where true) x having sum(x.one) <> 0; return null;", hash='6c6af59a4cbb054de8d47649890d138d8cbcfb02', level='STATEMENT', operation='INSERT', pgid='pgtrigger_tally_insert_9cda2', referencing='REFERENCING NEW TABLE AS fresh ', table='students_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='tally_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="insert into students_tally (what, amount) select 'households', sum(x.one) from (select -1 as one from former n where true) x having sum(x.one) <> 0; return null;", hash='975afe97096b5ff27e739ee3740e60bae8a419a4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_tally_delete_2696d', referencing='REFERENCING OLD TABLE AS former ', table='students_household', when='AFTER')),
        ),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
    ]
