import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0025_category_skills"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="category",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="category",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="category",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="category",
            name="after_photo",
            field=models.BooleanField(default=False, verbose_name="a photo of after is required"),
        ),
        migrations.AddField(
            model_name="categoryevent",
            name="after_photo",
            field=models.BooleanField(default=False, verbose_name="a photo of after is required"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "grids_categoryevent" ("active", "acts", "after_photo", "body", "code", "glyph", "group", "group_en", "hazard", "id", "kind", "limit_minutes", "limit_unit", "name", "name_en", "near_days", "near_metres", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "recurs_days", "skills", "sort", "stairwell", "trivial", "verify", "version", "wait_minutes") SELECT new_values."active", new_values."acts", new_values."after_photo", new_values."body", new_values."code", new_values."glyph", new_values."group", new_values."group_en", new_values."hazard", new_values."id", new_values."kind", new_values."limit_minutes", new_values."limit_unit", new_values."name", new_values."name_en", new_values."near_days", new_values."near_metres", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', new_values."id", new_values."recurs_days", new_values."skills", new_values."sort", new_values."stairwell", new_values."trivial", new_values."verify", new_values."version", new_values."wait_minutes" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="cb294b1adb79657f182c25e0155aff142bc7cf7a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b128b",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="grids_category",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "grids_categoryevent" ("active", "acts", "after_photo", "body", "code", "glyph", "group", "group_en", "hazard", "id", "kind", "limit_minutes", "limit_unit", "name", "name_en", "near_days", "near_metres", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "recurs_days", "skills", "sort", "stairwell", "trivial", "verify", "version", "wait_minutes") SELECT new_values."active", new_values."acts", new_values."after_photo", new_values."body", new_values."code", new_values."glyph", new_values."group", new_values."group_en", new_values."hazard", new_values."id", new_values."kind", new_values."limit_minutes", new_values."limit_unit", new_values."name", new_values."name_en", new_values."near_days", new_values."near_metres", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', new_values."id", new_values."recurs_days", new_values."skills", new_values."sort", new_values."stairwell", new_values."trivial", new_values."verify", new_values."version", new_values."wait_minutes" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3321095720561e6ddfbe81bc99f1191576ebb552",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_65e17",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="grids_category",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "grids_categoryevent" ("active", "acts", "after_photo", "body", "code", "glyph", "group", "group_en", "hazard", "id", "kind", "limit_minutes", "limit_unit", "name", "name_en", "near_days", "near_metres", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "recurs_days", "skills", "sort", "stairwell", "trivial", "verify", "version", "wait_minutes") SELECT old_values."active", old_values."acts", old_values."after_photo", old_values."body", old_values."code", old_values."glyph", old_values."group", old_values."group_en", old_values."hazard", old_values."id", old_values."kind", old_values."limit_minutes", old_values."limit_unit", old_values."name", old_values."name_en", old_values."near_days", old_values."near_metres", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', old_values."id", old_values."recurs_days", old_values."skills", old_values."sort", old_values."stairwell", old_values."trivial", old_values."verify", old_values."version", old_values."wait_minutes" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f9be5e86868fe1269749b957c8b6de237e405c4a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5a0e7",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="grids_category",
                    when="AFTER",
                ),
            ),
        ),
    ]
